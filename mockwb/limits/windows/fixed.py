"""A fixed window: counts from one multiple of its length to the next, then starts anew.

What many gateways do. Around an edge it lets up to twice the limit through within one length.
"""

from collections.abc import Iterator

_NEVER = float("-inf")


class FixedWindow:
    """What was admitted since the current window began; windows begin at multiples of `length`."""

    __slots__ = ("_ends_at", "_last_at", "length", "limit", "used")

    def __init__(self, limit: int, length: float) -> None:
        """Allow `limit` (requests, bytes, ...) in each window of `length` seconds."""
        self.limit = limit
        self.length = length
        self.clear()

    def resize(self, now: float, limit: int) -> None:
        """Allow `limit` from `now` on; what is used stays."""
        self.expire(now)
        self.limit = limit

    def clear(self) -> None:
        """Forget everything."""
        self.used = 0
        self._ends_at = self._last_at = _NEVER

    def expire(self, now: float) -> None:
        """Start anew if the window has ended."""
        if now < self._ends_at:
            return
        self.used = 0
        number = now // self.length + 1
        self._ends_at = number * self.length
        if self._ends_at <= now:  # rounded down
            self._ends_at = (number + 1) * self.length

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there is room for it; whether there was."""
        if now >= self._ends_at:
            self.expire(now)
        used = self.used + cost
        if used > self.limit:
            return False
        self.used = used
        self._last_at = now
        return True

    def fits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        if now >= self._ends_at:
            self.expire(now)
        return self.used + cost <= self.limit

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` at `now`, room or not."""
        if now >= self._ends_at:
            self.expire(now)
        self.used += cost
        self._last_at = now

    def empty_at(self, now: float) -> float:
        """The end of the window if anything is used in it, else `now`."""
        self.expire(now)
        return self._ends_at if self.used else now

    def passes_at(self, now: float, cost: int) -> float:
        """`now` if there is room or nothing to wait for, else the end of the window."""
        return now if self.fits(now, cost) else self.empty_at(now)

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """All that is used, at the instant of the last charge."""
        self.expire(now)
        if self.used:
            yield self._last_at, self.used
