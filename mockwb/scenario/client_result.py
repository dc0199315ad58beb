"""What one client of a workload knows about its own run when it is over.

Every workload kind returns a list of these; the report sets them against the server's account.
"""

import msgspec


class ClientResult(msgspec.Struct, kw_only=True):
    """One run, counted from the client's side."""

    workload: str
    """Name of the workload in the scenario."""
    entity: str
    project: str
    run: str
    """Run ID, the last part of the run's path; empty for a client that has no run of its own."""
    marker: str | None = None
    """For a client that does not know its runs: what they say as the machine they run on."""
    rows: int | None = 0
    """History rows logged; None if only the server can tell."""
    values: int = 0
    """Logged points: metrics in all rows, without the `_` keys that the SDK adds."""
    pages: int = 0
    """Pages of runs or history that a reader got."""
    finish_seconds: float | None = None
    """From the last log() to the end of finish(); None if the run never got that far."""
    exit_code: int | None = None
    """0 when the client ended well; None if it did not end."""
    error: str | None = None
    """Why the client failed, in one line."""
    note: str | None = None
    """What should be known of the client although it ended well, in one line."""
    requests: dict[str, dict[str, int]] = {}
    """kind -> HTTP status (`error` for network failures) -> attempts."""
    retries: int = 0
    """Attempts that repeated an earlier one."""
    throttled_seconds: float = 0.0
    """Between the first 429 of a request and its acceptance, summed over requests."""
    files: int = 0
    """Files that the client handed over for upload: media, checkpoints."""
    files_failed: int = 0
    """Of these, those that never got through."""
    file_bytes: int = 0
    """Of those that did."""
    upload_seconds: list[float] = []
    """For each that did, from its hand-over to the end of its upload."""
    lowest_remaining: int | None = None
    """Lowest RateLimit-Remaining seen, 0..1000; None if no answer carried it."""

    @property
    def failure(self) -> str | None:
        """Why the client did not end well; None if it did."""
        if self.error is not None or self.exit_code == 0:
            return self.error
        return f"ended with code {self.exit_code}"
