"""A token bucket: refills steadily, holds at most the limit, and may be emptied at once.

What many gateways do. Within one length it lets up to twice the limit through: a full bucket, and
a full refill.
"""

import math
from collections.abc import Iterator


class TokenBucket:
    """A bucket of `limit` tokens that fills up in `length` seconds."""

    __slots__ = ("_at", "_missing", "length", "limit")

    def __init__(self, limit: int, length: float) -> None:
        """Hold `limit` tokens (requests, bytes, ...); refill `limit` per `length` seconds."""
        self.limit = limit
        self.length = length
        self.clear()

    @property
    def used(self) -> int:
        """Tokens that are missing, rounded up."""
        return math.ceil(self._missing)

    def resize(self, limit: int) -> None:
        """Hold and refill `limit` from now on; what is missing stays missing."""
        self.limit = limit

    def clear(self) -> None:
        """Fill the bucket."""
        self._missing = 0.0
        self._at = float("-inf")

    def expire(self, now: float) -> None:
        """Refill up to `now`."""
        if now > self._at:
            if self._missing:
                refilled = (now - self._at) * self.limit / self.length
                self._missing = max(0.0, self._missing - refilled)
            self._at = now

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there are tokens for it; whether there were."""
        if self.fits(now, cost):
            self._missing += cost
            return True
        return False

    def fits(self, now: float, cost: int) -> bool:
        """Whether there are tokens for `cost` at `now`."""
        self.expire(now)
        return self._missing + cost <= self.limit

    def charge(self, now: float, cost: int) -> None:
        """Take `cost` tokens at `now`, there or not."""
        self.expire(now)
        self._missing += cost

    def empty_at(self, now: float) -> float:
        """The instant at which the bucket is full again if nothing more arrives."""
        return self._refilled_at(now, 0)

    def passes_at(self, now: float, cost: int) -> float:
        """The instant at which there are tokens for `cost`; for too many, when it is full."""
        return self._refilled_at(now, max(0, self.limit - cost))

    def _refilled_at(self, now: float, missing: float) -> float:
        """When at most `missing` tokens are missing."""
        self.expire(now)
        over = self._missing - missing
        if over <= 0:
            return now
        return now + over * self.length / self.limit if self.limit else now + self.length

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """All that is missing, as if it had been taken now."""
        self.expire(now)
        if self._missing:
            yield now, self.used
