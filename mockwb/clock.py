"""Time, as everything in mockwb reads it and waits for it.

Nothing else calls `time.*` or `asyncio.sleep`: the server, the limits, the SDK model and the
scenarios take a `Clock`, so that tests and simulations can put a virtual one in its place.
"""

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> float:
        """Seconds, monotonic, from an arbitrary start: for intervals, windows and deadlines."""
        ...

    def wall(self) -> float:
        """Seconds since the Unix epoch: for timestamps that people and SDKs read."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock; at once (but after a yield) if not positive."""
        ...


class RealClock:
    """The machine's own clocks."""

    now = staticmethod(time.monotonic)  # noqa: TID251 -- the one place that may
    wall = staticmethod(time.time)  # noqa: TID251 -- the one place that may

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(0.0, seconds))  # noqa: TID251 -- the one place that may


class ShiftedClock:
    """The machine's own clocks, ahead by as much as somebody has advanced this one.

    For one event loop: `advance` is called where the sleepers are.
    """

    def __init__(self) -> None:
        """Start with the machine's time."""
        self._ahead = 0.0
        self._sleepers: set[asyncio.Future[None]] = set()

    def now(self) -> float:
        """Real seconds, and those that were added."""
        return RealClock.now() + self._ahead

    def wall(self) -> float:
        """Likewise, since the Unix epoch."""
        return RealClock.wall() + self._ahead

    async def sleep(self, seconds: float) -> None:
        """Wait in real time, or until this clock is advanced far enough."""
        end = self.now() + seconds
        await asyncio.sleep(0)  # noqa: TID251 -- a yield, not a wait
        while (left := end - self.now()) > 0:
            advanced: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._sleepers.add(advanced)
            try:
                await asyncio.wait((advanced,), timeout=left)
            finally:
                self._sleepers.discard(advanced)

    def advance(self, seconds: float) -> None:
        """Go ahead by `seconds` more; ValueError if they are negative."""
        if seconds < 0:
            raise ValueError(f"time only moves forward, got {seconds} seconds")
        self._ahead += seconds
        for sleeper in tuple(self._sleepers):
            if not sleeper.done():
                sleeper.set_result(None)


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, now: float = 0.0, wall: float = 1_767_225_600.0) -> None:
        """Start at `now` seconds (monotonic), which is the instant `wall` (2026-01-01 UTC)."""
        self._now = now
        self._wall_offset = wall - now
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        """Virtual seconds."""
        return self._now

    def wall(self) -> float:
        """Virtual seconds since the Unix epoch."""
        return self._now + self._wall_offset

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody advances this clock far enough."""
        if seconds <= 0:
            await asyncio.sleep(0)  # noqa: TID251 -- a yield, not a wait
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    def set(self, now: float) -> None:
        """Jump to `now` without waking sleepers; for code that never sleeps."""
        self._now = now

    async def advance(self, seconds: float) -> None:
        """Move on by `seconds`, waking each sleeper at its own instant, in order."""
        target = self._now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= target:
            self._now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await self._settle()
        self._now = target

    @staticmethod
    async def _settle() -> None:
        """Let everything that can run without more time run."""
        for _ in range(10):
            await asyncio.sleep(0)  # noqa: TID251 -- a yield, not a wait
