"""The time of a running server, which tests may advance."""

from mockwb.testing.server_thread import ServerThread
from mockwb.units import parse_duration


class MockClock:
    """Real time, ahead by as much as it was advanced: windows drain, silent runs crash."""

    def __init__(self, thread: ServerThread) -> None:
        """The clock of the server in `thread`."""
        self._thread = thread

    def advance(self, span: float | str) -> None:
        """Go ahead by `span`: seconds, or `5m`; ValueError if it is neither."""
        self._thread.call(self._thread.clock.advance, parse_duration(span))

    def wall(self) -> float:
        """The server's time in seconds since the Unix epoch."""
        return self._thread.clock.wall()
