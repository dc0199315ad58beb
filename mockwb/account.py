"""What the server says about each run when asked: the JSON of `/_mockwb/account`.

`observe` keeps it, `control` serves it, and scenarios read it over HTTP and compare it with what
their clients know they sent.
"""

import msgspec


class RunAccount(msgspec.Struct, kw_only=True):
    """One run, counted from the server's side."""

    entity: str
    project: str
    run: str
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
    throttled_seconds: float = 0.0
    """Time between the first 429 of a request and the next accepted one, summed."""
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
