"""A token bucket: refills steadily, holds at most the limit, and may be emptied at once.

What many gateways do. Within one length it lets up to twice the limit through: a full bucket, and
a full refill.
"""

import math
from collections.abc import Iterator

TICKS = 1 << 24
"""Per second. A power of two, so that floats hold ticks exactly, for 17 years at least."""


class TokenBucket:
    """A bucket of `limit` tokens that fills up in `length` seconds.

    Reckons in whole parts of a token and whole ticks: nothing is lost to rounding however small a
    token's share of the bucket is, and what it says it will do, it does.
    """

    __slots__ = ("_at", "_missing", "_token", "length", "limit")

    def __init__(self, limit: int, length: float) -> None:
        """Hold `limit` tokens (requests, bytes, ...); refill `limit` per `length` seconds."""
        self.limit = limit
        self.length = length
        # A token has as many parts as the length has ticks: so each tick refills `limit` parts.
        self._token = math.ceil(length * TICKS)
        self.clear()

    @property
    def used(self) -> int:
        """Tokens that are missing, rounded up."""
        return -(-self._missing // self._token)

    def resize(self, now: float, limit: int) -> None:
        """Hold and refill `limit` from `now` on; what is missing stays missing."""
        self.expire(now)
        self._at = math.ceil(now * TICKS)
        self.limit = limit

    def clear(self) -> None:
        """Fill the bucket."""
        self._missing = 0
        """Parts of tokens."""
        self._at = 0
        """Refilled up to this tick, rounded so that nothing is refilled twice."""

    def expire(self, now: float) -> None:
        """Refill up to `now`. A bucket of 0 has no rate: it forgets its debts after its length."""
        if not self._missing:
            return
        tick = int(now * TICKS)
        passed = tick - self._at
        if passed <= 0:
            return
        if self.limit:
            self._missing = max(0, self._missing - passed * self.limit)
            self._at = tick
        elif passed >= self._token:
            self._missing = 0

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there are tokens for it; whether there were."""
        self.expire(now)
        missing = self._missing + cost * self._token
        if missing > self.limit * self._token:
            return False
        if not self._missing:
            self._at = math.ceil(now * TICKS)
        self._missing = missing
        return True

    def fits(self, now: float, cost: int) -> bool:
        """Whether there are tokens for `cost` at `now`."""
        self.expire(now)
        return self._missing + cost * self._token <= self.limit * self._token

    def charge(self, now: float, cost: int) -> None:
        """Take `cost` tokens at `now`, there or not."""
        self.expire(now)
        if not self._missing:
            self._at = math.ceil(now * TICKS)
        self._missing += cost * self._token

    def empty_at(self, now: float) -> float:
        """The instant at which the bucket is full again if nothing more arrives."""
        return self._refilled_at(now, 0)

    def passes_at(self, now: float, cost: int) -> float:
        """The instant at which there are tokens for `cost`; for too many, when it is full."""
        return self._refilled_at(now, max(0, self.limit - cost))

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """All that is missing, as if it had been taken now."""
        self.expire(now)
        if self._missing:
            yield now, self.used

    def _refilled_at(self, now: float, missing: int) -> float:
        """When at most `missing` tokens are missing."""
        self.expire(now)
        over = self._missing - missing * self._token
        if over <= 0:
            return now
        tick = self._at + (-(-over // self.limit) if self.limit else self._token)
        then = tick / TICKS
        return then if int(then * TICKS) >= tick else math.nextafter(then, math.inf)
