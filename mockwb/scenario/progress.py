"""What a person sees while a scenario runs: a live line in a terminal, else one now and then."""

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from mockwb.scenario.model import Scenario
from mockwb.scenario.series import Sample, join
from mockwb.scenario.timeline.player import Happened

PLAIN_SECONDS = 5.0


class Progress:
    """An onlooker of samples that shows the newest; a context manager, for its line in place."""

    def __init__(self, scenario: Scenario, console: Console) -> None:
        """Show on `console`: in place if it is a terminal, else a line every few seconds."""
        self._scenario = scenario
        self._console = console
        self._live: Live | None = None
        self._unshown: Sample | None = None
        self._missed_at = -PLAIN_SECONDS
        """When it was last told that there is nothing to show."""

    def __enter__(self) -> "Progress":
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def saw(self, sample: Sample) -> None:
        """Show it, or keep it for the next line."""
        self._missed_at = -PLAIN_SECONDS
        whole = sample if self._unshown is None else join(self._unshown, sample)
        if self._live is None and whole.seconds < PLAIN_SECONDS:
            self._unshown = whole
            return
        self._unshown = None
        self._show(describe(self._scenario, whole))

    def missed(self, at: float, error: str) -> None:
        """Show that there is nothing to show."""
        if self._live is None and at < self._missed_at + PLAIN_SECONDS:
            return
        self._missed_at = at
        self._show(f"{_minutes(at)}  {error}")

    def happened(self, event: Happened) -> None:
        """Leave a line about it."""
        self._console.print(f"{_minutes(event.seconds)}  {event.text}", markup=False)

    def _show(self, line: str) -> None:
        if self._live is None:
            self._console.print(line, markup=False)
        else:
            self._live.update(Text(line), refresh=True)


def describe(scenario: Scenario, sample: Sample) -> str:
    """One line: elapsed, clients, requests and 429s per second, quota left, rows."""
    clients = sum(workload.count for workload in scenario.workloads)
    rows = sum(workload.rows_expected for workload in scenario.workloads)
    held = f", {sample.waiting:,} held back" if sample.waiting else ""
    parts = [
        f"{_minutes(sample.at)}  {sample.active:,} of {clients:,} clients active{held}",
        f"{_rate(sample.answered, sample)} req/s, {_rate(sample.refused, sample)} 429/s",
    ]
    if sample.remaining:
        limit, left = min(sample.remaining.items(), key=lambda item: item[1])
        parts.append(f"{left / 10:.0f}% of {limit} left")
    of_all = f" of {rows:,}" if rows else ""
    stored = f"{sample.rows_stored:,}{of_all} rows stored"
    parts.append(f"{stored}, {sample.rows_in_flight:,} in flight")
    return " | ".join(parts)


def _rate(count: int, sample: Sample) -> str:
    rate = count / sample.seconds if sample.seconds else 0.0
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _minutes(elapsed: float) -> str:
    minutes, seconds = divmod(int(elapsed), 60)
    return f"{minutes:d}:{seconds:02d}"
