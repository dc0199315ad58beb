"""A window that truly rolls: within any interval of its length, never more than the limit.

Not a fixed window (which lets twice the limit through around its edge), nor a token bucket (which
lets a full bucket and a full refill through in one window).
"""

from array import array
from collections.abc import Iterator

ENTRIES = 1000
"""Costs are merged into entries of up to 1/1000 of the limit."""
_GRANULES = 512
"""Beyond its limit a window merges what falls into 1/512 of its length."""
_SLACK = 128
"""Expired entries kept before they are cut off; cutting moves all others."""
_NEVER = float("-inf")


class RollingWindow:
    """What was admitted in the last `length` seconds.

    Costs are kept as entries that expire with the last cost in them. An entry of more than one cost
    holds at most 1/1000 of the limit. So the window never admits more than exact accounting would,
    and what it counts too much at any instant is at most 1/1000 of the limit (nothing at all up to
    a limit of 1000 single requests). Memory is bounded, whatever the limit.
    """

    __slots__ = (
        "_costs",
        "_expiries",
        "_head",
        "_oldest",
        "_open_at",
        "_open_cost",
        "_open_since",
        "_quantum",
        "length",
        "limit",
        "used",
    )

    def __init__(self, limit: int, length: float) -> None:
        """Allow `limit` (requests, bytes, ...) in any `length` seconds."""
        self.length = length
        self.resize(limit)
        self.clear()

    def resize(self, limit: int) -> None:
        """Allow `limit` from now on; what is used stays, in the entries it is in."""
        self.limit = limit
        self._quantum = limit / ENTRIES

    def clear(self) -> None:
        """Forget everything."""
        self.used = 0
        self._expiries = array("d")
        self._costs = array("B")
        self._head = 0
        self._open_cost = 0
        """The entry under way is not in the arrays yet: its cost, first and last instant."""
        self._open_since = self._open_at = _NEVER
        self._oldest = _NEVER
        """Nothing expires before this instant."""

    def expire(self, now: float) -> None:
        """Forget what has left the window that ends at `now`: (now - length, now]."""
        if now < self._oldest:
            return
        expiries, costs, head = self._expiries, self._costs, self._head
        for index in range(head, len(expiries)):
            oldest = expiries[index]
            if oldest > now:
                self._oldest = oldest
                if index < _SLACK:
                    self._head = index
                else:
                    del expiries[:index]
                    del costs[:index]
                    self._head = 0
                return
            self.used -= costs[index]
        del expiries[:]
        del costs[:]
        self._head = 0
        self._oldest = self._open_at + self.length
        if self._oldest <= now:
            self.used = self._open_cost = 0
            # Whatever comes now or later stays that long.
            self._oldest = now + self.length

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there is room for it; whether there was."""
        if self.fits(now, cost):
            self.charge(now, cost)
            return True
        return False

    def fits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        if now >= self._oldest:
            self.expire(now)
        return self.used + cost <= self.limit

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` at `now`, room or not; `now` may lie back, but not before other charges."""
        if now >= self._oldest:
            self.expire(now)
        self.used += cost
        together = self._open_cost + cost
        if together > self._quantum and not self._merges_beyond(now):
            if self._open_cost:
                self._close()
            self._open_since = now
            together = cost
        self._open_cost = together
        self._open_at = now

    def empty_at(self, now: float) -> float:
        """The instant at which nothing is left in the window if nothing more arrives."""
        return max(now, self._open_at + self.length) if self.used else now

    def passes_at(self, now: float, cost: int) -> float:
        """The instant at which `cost` fits if nothing more arrives.

        For a cost over the whole limit, the one at which the window is empty.
        """
        over = self.used + cost - self.limit
        if over <= 0:
            return now
        for index in range(self._head, len(self._expiries)):
            over -= self._costs[index]
            if over <= 0:
                return max(now, self._expiries[index])
        return self.empty_at(now)

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """(instant, cost) of each entry; the instant is that of the last cost in it."""
        self.expire(now)
        for index in range(self._head, len(self._expiries)):
            yield self._expiries[index] - self.length, self._costs[index]
        if self._open_cost:
            yield self._open_at, self._open_cost

    def _merges_beyond(self, now: float) -> bool:
        """Whether a cost beyond the limit shares the entry under way, to bound memory."""
        return self.used > self.limit and now < self._open_since + self.length / _GRANULES

    def _close(self) -> None:
        self._expiries.append(self._open_at + self.length)
        try:
            self._costs.append(self._open_cost)
        except OverflowError:
            wider = {"B": "I", "I": "Q"}[self._costs.typecode]
            self._costs = array(wider, self._costs)
            self._close_cost()

    def _close_cost(self) -> None:
        try:
            self._costs.append(self._open_cost)
        except OverflowError:
            self._costs = array("Q", self._costs)
            self._costs.append(self._open_cost)
