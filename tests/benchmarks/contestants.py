"""The limiters that the comparison drives, each as a server would call it, one key at a time.

Each has its loop written out, so that no wrapper is measured; `limiter_cells` subtracts the loop.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Protocol

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from loguru import logger
from mocklimit.ratelimit.sliding_window import SlidingWindowLimiter

from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.limits.windows.rolling import RollingWindow
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert
from tests.benchmarks.virtual_time import INSTANT, InstantClock, read

logger.remove()  # mocklimit logs every decision; with no sink at all that is cheapest


class Contestant(Protocol):
    """A limiter with one limit, `limit` per `length` seconds, for any number of keys."""

    name: ClassVar[str]
    batch: ClassVar[int]
    """Decisions that take some milliseconds."""

    def __init__(self, limit: int, length: int) -> None: ...

    def fill(self, key: str, instants: Iterable[float]) -> None:
        """Have a request admitted at each of `instants`."""
        ...

    def drive(self, key: str, instants: Sequence[float]) -> int:
        """Decide on a request at each of `instants`; how many were admitted."""
        ...

    def pause(self) -> None:
        """Stop whatever goes on without being driven."""
        ...


class Window:
    """mockwb's rolling window, found by key, with a look at the clock for each decision."""

    name = "mockwb"
    batch = 20_000

    def __init__(self, limit: int, length: int) -> None:
        self._new = lambda: RollingWindow(limit, length)
        self._windows: dict[str, RollingWindow] = {}

    def fill(self, key: str, instants: Iterable[float]) -> None:
        self._windows[key] = self._new()
        for INSTANT[0] in instants:
            assert self._windows[key].take(read(), 1)

    def drive(self, key: str, instants: Sequence[float]) -> int:
        windows = self._windows
        admitted = 0
        for INSTANT[0] in instants:
            if windows[key].take(read(), 1):
                admitted += 1
        return admitted

    def pause(self) -> None:
        pass


class WholeLimiter:
    """mockwb's whole decision: scopes, keys, idle keys, the figures of the headers."""

    name = "mockwb"
    batch = 5_000

    def __init__(self, limit: int, length: int) -> None:
        rules = convert({"project": {"requests": f"{limit}/{length}s"}}, LimitRules)
        self._limiter = Limiter(rules, InstantClock())
        self._caller = Caller("someone")

    def fill(self, key: str, instants: Iterable[float]) -> None:
        assert all(self.drive(key, [instant]) for instant in instants)

    def drive(self, key: str, instants: Sequence[float]) -> int:
        admit, caller, cost = self._limiter.admit, self._caller, Cost()
        target = Target(Surface.FILE_STREAM, "team", key, "run")
        admitted = 0
        for INSTANT[0] in instants:
            decision = admit(target, caller, cost)
            if decision is None or decision.admitted:
                admitted += 1
        return admitted

    def pause(self) -> None:
        pass


class LimitsLibrary:
    """The moving window of `limits`, in memory.

    Its storage clears up in a thread, every 10 ms of real time. Here far more virtual time passes
    meanwhile: it starts fewer threads per decision than in a server, which costs it less, and at
    500/1s its list grows to several times the window in between, which costs it a little more.
    """

    name = "limits"
    batch = 1_000

    def __init__(self, limit: int, length: int) -> None:
        self._item: RateLimitItem = (
            RateLimitItemPerMinute(limit, length // 60)
            if length % 60 == 0
            else RateLimitItemPerSecond(limit, length)
        )
        self._storage = MemoryStorage()
        self._limiter = MovingWindowRateLimiter(self._storage)

    def fill(self, key: str, instants: Iterable[float]) -> None:
        for INSTANT[0] in instants:
            assert self._limiter.hit(self._item, key)

    def drive(self, key: str, instants: Sequence[float]) -> int:
        hit, item = self._limiter.hit, self._item
        admitted = 0
        for INSTANT[0] in instants:
            if hit(item, key):
                admitted += 1
        return admitted

    def pause(self) -> None:
        self._storage.timer.cancel()
        self._storage.timer.join()


class LimitsLibraryWithFigures(LimitsLibrary):
    """The same, and what is left and until when."""

    batch = 500

    def drive(self, key: str, instants: Sequence[float]) -> int:
        hit, stats, item = self._limiter.hit, self._limiter.get_window_stats, self._item
        admitted = 0
        for INSTANT[0] in instants:
            if hit(item, key):
                admitted += 1
            stats(item, key)
        return admitted


class Mocklimit:
    """The sliding window of `mocklimit`; each of its answers says what is left and until when."""

    name = "mocklimit"
    batch = 20

    def __init__(self, limit: int, length: int) -> None:
        self._limiter = SlidingWindowLimiter(limit, length)

    def fill(self, key: str, instants: Iterable[float]) -> None:
        # As `check` leaves it, which would need minutes: it adds up all entries every time.
        self._limiter._entries[key] = [(instant, 1) for instant in instants]

    def drive(self, key: str, instants: Sequence[float]) -> int:
        check = self._limiter.check
        admitted = 0
        for INSTANT[0] in instants:
            if check(key).allowed:
                admitted += 1
        return admitted

    def pause(self) -> None:
        pass


BARE: tuple[type[Contestant], ...] = (Window, LimitsLibrary, Mocklimit)
"""May it pass, and no more."""
WITH_FIGURES: tuple[type[Contestant], ...] = (WholeLimiter, LimitsLibraryWithFigures, Mocklimit)
"""What a server needs for each answer: RateLimit-Remaining and RateLimit-Reset too."""
