"""What a simulated server has seen so far, all runs together: kept up to date request by request.

`server` counts, `watch` reads it for its samples: looking at every run each time would take longer
than the simulation.
"""

from mockwb.simulate.served_run import ServedRun


class SoFar:
    """Sums over all requests."""

    __slots__ = ("answered", "bytes_in", "held_back", "rows_sent", "rows_stored", "waiting")

    def __init__(self) -> None:
        self.answered: dict[str, int] = {}
        """HTTP status -> requests; 0 where nobody got an answer."""
        self.bytes_in = 0
        """Body bytes of all requests that name a run."""
        self.rows_sent = 0
        """History rows in requests of any outcome, each once."""
        self.rows_stored = 0
        self.waiting = 0
        """Runs whose latest file_stream request was refused."""
        self.held_back: list[ServedRun] = []
        """Runs of which any ever was."""

    def streamed(self, run: ServedRun, sent_to: int, stored: int) -> None:
        """A file_stream request of a run ended: its rows, up to `sent_to`, of which so many new."""
        self.rows_stored += stored
        if sent_to > run.rows_sent:
            self.rows_sent += sent_to - run.rows_sent
            run.rows_sent = sent_to
        tally = run.tally
        if tally is None or run.waiting is (tally.throttled_since is not None):
            return
        run.waiting = not run.waiting
        self.waiting += 1 if run.waiting else -1
        if run.waiting and not tally.throttled_seconds:
            self.held_back.append(run)
