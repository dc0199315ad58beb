"""What the server says about each run when asked: the JSON of `/_mockwb/account`.

`observe` keeps it, `control` serves it, and scenarios read it over HTTP and compare it with what
their clients know they sent.
"""

from typing import Literal

import msgspec

Verdict = Literal["complete", "complete with duplicates suppressed", "incomplete", "in flight"]

OVERWRITTEN = "were overwritten by others on the same lines (has somebody else logged to this run?)"
"""What became of rows that count as changed."""


class DeliveryLag(msgspec.Struct, kw_only=True):
    """Seconds from a row's own timestamp to its storage; the quantiles are right to 5%."""

    p50: float = 0.0
    p95: float = 0.0
    max: float = 0.0


class Delivery(msgspec.Struct, kw_only=True):
    """What became of the lines that a run's clients sent, as far as the server can know."""

    verdict: Verdict = "in flight"
    rows_sent: int = 0
    """History rows that requests had, refused ones included: one past the last one's offset."""
    missing: list[tuple[str, int, int]] = []
    """(file, first line, one past the last) that requests had, or left out, and nothing stored."""
    end_unknown: bool = False
    """The run ended without a finish mark: what followed the last line sent cannot be known."""
    last_step: float | None = None
    """`_step` of the last row stored; told only where `end_unknown`."""
    last_step_logged: float | None = None
    """Likewise, as the run's summary says, which a client uploads even if its stream has failed:
    what was logged after `last_step` is lost."""
    chunks_resent: int = 0
    """Chunks of which all lines were stored already."""
    chunks_out_of_order: int = 0
    """Chunks that came before what precedes them."""
    bytes_wasted: int = 0
    """Body bytes of file_stream requests that were refused, failed, or brought nothing new."""
    requests_per_row: float | None = None
    """file_stream requests, of any outcome, for each row stored."""
    lag: DeliveryLag | None = None
    """None before any row."""

    def how_it_ended(self) -> str:
        """What is known of a run that ended without saying so: how far it got."""
        stored, logged = self.last_step, self.last_step_logged
        if logged is not None and (stored is None or logged > stored):
            last = f"the last row is of step {stored:g}" if stored is not None else "no row arrived"
            return f"it ended without a finish mark and had logged up to step {logged:g}, {last}"
        return "it ended without a finish mark"


class RunAccount(msgspec.Struct, kw_only=True):
    """One run, counted from the server's side."""

    entity: str
    project: str
    run: str
    host: str = ""
    """The machine that it runs on, as its SDK said (`WANDB_HOST`, else the host's own name)."""
    state: str = ""
    """As W&B shows it: running, finished, crashed, failed, ..."""
    requests: dict[str, dict[str, int]] = {}
    """endpoint -> HTTP status -> requests; the endpoint of GraphQL is `graphql`."""
    operations: dict[str, int] = {}
    """GraphQL operation -> requests."""
    refused: dict[str, int] = {}
    """`scope.limit` (such as `project.requests`) -> requests answered with 429."""
    faults: dict[str, int] = {}
    """fault -> requests that it befell."""
    bytes_in: int = 0
    bytes_refused: int = 0
    """Body bytes of refused requests: sent in vain."""
    bytes_streamed: int = 0
    """Body bytes of accepted file_stream requests: what byte limits count."""
    rows_stored: int = 0
    rows_resent: int = 0
    rows_changed: int = 0
    values_stored: int = 0
    gaps: list[tuple[str, int, int]] = []
    """(file, first missing line, one past the last) still open."""
    delivery: Delivery = msgspec.field(default_factory=Delivery)
    throttled_seconds: float = 0.0
    """Time between the first 429 of a request and the next accepted one, summed."""
    waiting: bool = False
    """Whether a file_stream request was answered with 429 and none was accepted since."""
    lowest_remaining: int | None = None
    """Lowest RateLimit-Remaining answered, 0..1000."""
    first_request_at: float = 0.0
    """Seconds since the Unix epoch."""
    last_request_at: float = 0.0
    guidance: list[str] = []
    """The ranges of W&B's guidance that the run has left; `/_mockwb/guidance` says by how much."""
    finished_at: float | None = None
    """When the finish mark was accepted; seconds since the Unix epoch."""


class Account(msgspec.Struct, kw_only=True):
    """All runs that match a query, and the requests that belong to no run."""

    runs: list[RunAccount] = []
    other_requests: dict[str, dict[str, int]] = {}
    """endpoint -> HTTP status -> requests that named no run (logins, features, listings)."""
    other_refused: dict[str, int] = {}
    """`scope.limit` -> requests that named no run and were answered with 429."""
    other_faults: dict[str, int] = {}
    """fault -> requests that named no run and that it befell."""
    forgotten_runs: int = 0
    """Runs no longer kept, because more of them came than the configured bound."""


def lines_named(first: int, end: int) -> str:
    """`line 3`, or `lines 3 to 5`, of the first one and one past the last."""
    return f"line {first}" if end == first + 1 else f"lines {first} to {end - 1}"
