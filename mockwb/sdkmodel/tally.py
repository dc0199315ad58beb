"""What one virtual run counts about itself while it talks."""

from mockwb.target import Surface


class Tally:
    """Counters over all requests of a run."""

    __slots__ = (
        "backoff_seconds",
        "bytes_sent",
        "file_bytes",
        "files_handed",
        "lowest_remaining",
        "requests",
        "retries",
        "throttled_seconds",
        "upload_seconds",
    )

    def __init__(self) -> None:
        self.requests: dict[Surface, dict[str, int]] = {}
        """surface -> HTTP status, or `error` for network failures -> attempts answered so."""
        self.retries = 0
        self.backoff_seconds = 0.0
        """Waited between attempts."""
        self.throttled_seconds = 0.0
        """From the first 429 of a request to its acceptance, summed over requests."""
        self.bytes_sent = 0
        """Request bodies, every attempt."""
        self.lowest_remaining: int | None = None
        """Lowest RateLimit-Remaining seen."""
        self.files_handed = 0
        """Files that the user's script handed over: media, checkpoints."""
        self.file_bytes = 0
        """Of those that were uploaded."""
        self.upload_seconds: list[float] = []
        """From the hand-over of each that was uploaded to the upload's end."""

    def count(self, surface: Surface, status: str) -> None:
        """One more attempt that ended with `status`."""
        by_status = self.requests.setdefault(surface, {})
        by_status[status] = by_status.get(status, 0) + 1

    def see_remaining(self, remaining: str | None) -> None:
        """Take in a RateLimit-Remaining header, if there is one that can be read."""
        try:
            value = int(float(remaining)) if remaining is not None else None
        except (ValueError, OverflowError):
            return
        if value is not None and (self.lowest_remaining is None or value < self.lowest_remaining):
            self.lowest_remaining = value
