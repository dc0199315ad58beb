"""So many bytes per second, for bodies that a fault slows down."""

from mockwb.clock import Clock

_STEPS_PER_SECOND = 10


class Pace:
    """Waits as long as bytes would take on a slow line."""

    def __init__(self, clock: Clock, rate: int) -> None:
        """Let `rate` bytes pass per second of `clock`."""
        self._clock = clock
        self._rate = rate
        self.step = max(1, rate // _STEPS_PER_SECOND)
        """Bytes to move at a time."""

    async def passed(self, count: int) -> None:
        """Return when `count` more bytes have had their time."""
        await self._clock.sleep(count / self._rate)
