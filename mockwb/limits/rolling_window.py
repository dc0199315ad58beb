"""A window that truly rolls: within any interval of its length, never more than the limit.

Not a fixed window (which lets twice the limit through around its edge), nor a token bucket (which
lets a full bucket and a full refill through in one window).
"""

from array import array

GRANULES = 2048
"""A window is divided into this many granules; costs that fall into one are kept as one entry."""


class RollingWindow:
    """What was admitted in the last `length` seconds.

    Costs admitted within the same 1/2048 of the window share an entry that expires with the last
    of them. So the window never admits more than exact accounting would, and it may refuse what
    exact accounting admits for at most `resolution` seconds longer. Memory is bounded by 2049
    entries of 16 bytes, whatever the limit.
    """

    __slots__ = ("_costs", "_expiries", "_granule_end", "_head", "length", "limit", "used")

    def __init__(self, limit: int, length: float) -> None:
        """Allow `limit` (requests, bytes, ...) in any `length` seconds."""
        self.limit = limit
        self.length = length
        self.used = 0
        """Admitted in the window that ends at the last `expire`."""
        self._expiries = array("d")
        self._costs = array("q")
        self._head = 0
        self._granule_end = float("-inf")

    @property
    def resolution(self) -> float:
        """Seconds by which an admitted cost may stay in the window too long."""
        return self.length / GRANULES

    def expire(self, now: float) -> None:
        """Forget what has left the window that ends at `now`: (now - length, now]."""
        head, expiries = self._head, self._expiries
        end = len(expiries)
        while head < end and expiries[head] <= now:
            self.used -= self._costs[head]
            head += 1
        if head == end:
            if end:
                del expiries[:]
                del self._costs[:]
            head = 0
        elif head > GRANULES // 2:
            del expiries[:head]
            del self._costs[:head]
            head = 0
        self._head = head

    def admits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        if self._head < len(self._expiries) and self._expiries[self._head] <= now:
            self.expire(now)
        return self.used + cost <= self.limit

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` as admitted at `now`."""
        self.used += cost
        if now < self._granule_end and self._head < len(self._expiries):
            self._expiries[-1] = now + self.length
            self._costs[-1] += cost
        else:
            self._granule_end = now + self.resolution
            self._expiries.append(now + self.length)
            self._costs.append(cost)

    def empty_at(self, now: float) -> float:
        """The instant at which nothing is left in the window if nothing more arrives."""
        return max(now, self._expiries[-1]) if self._head < len(self._expiries) else now

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
