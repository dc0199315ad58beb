"""A fixed window: counts from one multiple of its length to the next, then starts anew.

What many gateways do. Around an edge it lets up to twice the limit through within one length.
"""

from collections.abc import Iterator


class FixedWindow:
    """What was admitted since the current window began; windows begin at multiples of `length`."""

    __slots__ = ("_ends_at", "_last_at", "length", "limit", "used")

    def __init__(self, limit: int, length: float) -> None:
        """Allow `limit` (requests, bytes, ...) in each window of `length` seconds."""
        self.limit = limit
        self.length = length
        self.clear()

    def resize(self, limit: int) -> None:
        """Allow `limit` from now on; what is used stays."""
        self.limit = limit

    def clear(self) -> None:
        """Forget everything."""
        self.used = 0
        self._ends_at = float("-inf")
        self._last_at = float("-inf")

    def expire(self, now: float) -> None:
        """Start anew if the window has ended."""
        if now >= self._ends_at:
            self.used = 0
            self._ends_at = (now // self.length + 1) * self.length

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there is room for it; whether there was."""
        if self.fits(now, cost):
            self.charge(now, cost)
            return True
        return False

    def fits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        self.expire(now)
        return self.used + cost <= self.limit

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` at `now`, room or not."""
        self.expire(now)
        self.used += cost
        self._last_at = now

    def empty_at(self, now: float) -> float:
        """The end of the window if anything is used in it, else `now`."""
        self.expire(now)
        return self._ends_at if self.used else now

    def passes_at(self, now: float, cost: int) -> float:
        """`now` if there is room, else the end of the window."""
        return now if self.fits(now, cost) else self._ends_at

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """All that is used, at the instant of the last charge."""
        self.expire(now)
        if self.used:
            yield self._last_at, self.used
