"""A window that truly rolls: within any interval of its length, never more than the limit.

Not a fixed window (which lets twice the limit through around its edge), nor a token bucket (which
lets a full bucket and a full refill through in one window).
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

ENTRIES = 1000
"""Costs are merged into entries of up to 1/1000 of the limit."""
_MOST = 3072
"""Entries at which debts are put into fewer; what is within the limit takes 2001 at most."""
_RESIZED = 1536
"""Entries that a window may bring along to another limit; up to 2001 join them."""
_GRANULES = 64
"""Debts that no decision depends on are merged within 1/64 of the length."""
_SLACK = 64
"""Expired entries kept before they are cut off; cutting moves all others."""
_CODES = ((1 << 16, "H"), (1 << 32, "I"), (1 << 64, "Q"))
"""What arrays of unsigned integers hold less than, by type code."""
_ROOM = 16
"""Totals get a wider type if 1/16 of what is used does not fit on top; else they start over."""
_NEVER = float("-inf")


class RollingWindow:
    """What was admitted in the last `length` seconds.

    Costs are kept as entries that leave the window with the last cost in them. An entry of more
    than one cost holds at most 1/1000 of the limit. So the window never admits more than exact
    accounting would, and what it counts too much at any instant is at most 1/1000 of the limit
    (nothing at all up to a limit of 1000 single requests). After a change of the limit that goes
    for the greater of the two while the former entries last. A window takes at most 64 KB.
    """

    __slots__ = (
        "_ceiling",
        "_full",
        "_gone",
        "_head",
        "_instants",
        "_last_at",
        "_oldest",
        "_quantum",
        "_total",
        "_totals",
        "length",
        "limit",
    )

    _totals: "array[int] | list[int]"

    def __init__(self, limit: int, length: float) -> None:
        """Allow `limit` (requests, bytes, ...) in any `length` seconds."""
        self.limit = limit
        self.length = length
        self._quantum = limit // ENTRIES
        self.clear()

    @property
    def used(self) -> int:
        """What counts against the limit, as of the last `expire` and what came since."""
        return self._total - self._gone

    def resize(self, now: float, limit: int) -> None:
        """Allow `limit` from `now` on; what is used stays, in the entries it is in."""
        self.expire(now)
        self.limit = limit
        self._ceiling = self._gone + limit
        self._full += limit // ENTRIES - self._quantum
        self._quantum = limit // ENTRIES
        if len(self._instants) > _RESIZED:
            self._compact()

    def clear(self) -> None:
        """Forget everything."""
        self._instants = array("d")
        """When the last cost of each entry came; but the youngest entry is not here yet."""
        self._totals = array("H")
        """All that was charged up to and with each entry."""
        self._head = 0
        """Index of the oldest entry in the window."""
        self._gone = 0
        """All that was charged before it."""
        self._ceiling = self.limit
        """What may be charged in all before something leaves the window."""
        self._total = 0
        """All that was charged."""
        self._full = self._quantum
        """The total that the youngest entry may reach together with further costs."""
        self._last_at = _NEVER
        """When the last cost came."""
        self._oldest = _NEVER
        """Nothing leaves the window before this instant; if `_head` is not 0, one does then."""

    def adopt(self, other: "RollingWindow", now: float) -> None:
        """Count what `other` does, as far as it reaches."""
        other.expire(now)
        self._instants = other._instants[other._head :]
        self._totals = other._totals[other._head :]
        self._head = 0
        self._gone = other._gone
        self._total = other._total
        self._full = other._full - other._quantum + self._quantum
        self._last_at = other._last_at
        self._oldest = _NEVER
        self.resize(now, self.limit)

    def take(self, now: float, cost: int) -> bool:
        """Charge `cost` if there is room for it; whether there was.

        Does not look at what has left the window if there is room anyway: `used` may be too high
        until the next `expire`.
        """
        # `fits`, `expire` and `charge`, spelled out: calls would cost more than all the rest.
        total = self._total + cost
        if total > self._ceiling:
            if now < self._oldest:
                return False
            head = self._head + 1  # one entry has left, nearly always
            if (
                1 < head < _SLACK
                and head < len(self._instants)
                and now < (oldest := self._instants[head] + self.length)
            ):
                self._head = head
                self._oldest = oldest
                self._gone = gone = self._totals[head - 1]
                self._ceiling = gone + self.limit
            else:
                self.expire(now)
            if total > self._ceiling:
                return False
        if not cost:
            return True
        if total > self._full:
            before = self._total
            self._instants.append(self._last_at)
            try:
                self._totals.append(before)
            except OverflowError:
                before = self._start_over()
                total = before + cost
            self._full = before + self._quantum
        self._total = total
        self._last_at = now
        return True

    def fits(self, now: float, cost: int) -> bool:
        """Whether there is room for `cost` at `now`."""
        if now >= self._oldest:
            self.expire(now)
        return self._total + cost <= self._ceiling

    def charge(self, now: float, cost: int) -> None:
        """Count `cost` at `now`, room or not; `now` may lie back, but not before other charges."""
        if not cost:
            return
        if now >= self._oldest:
            self.expire(now)
        before = self._total
        if before + cost > self._full:
            self._instants.append(self._last_at)
            try:
                self._totals.append(before)
            except OverflowError:
                before = self._start_over()
            self._full = before + self._quantum
            if len(self._instants) > _MOST:
                self._compact()
        self._total = before + cost
        self._last_at = now

    def expire(self, now: float) -> None:
        """Forget what has left the window that ends at `now`: (now - length, now]."""
        if now < self._oldest:
            return
        instants, length, head = self._instants, self.length, self._head
        try:
            oldest = instants[head] + length
            if oldest <= now:
                head += 1
                oldest = instants[head] + length
                if oldest <= now:
                    head = self._first_within(now, head)
                    oldest = instants[head] + length
                gone = self._totals[head - 1]
                self._gone = gone
                self._ceiling = gone + self.limit
                if head < _SLACK:
                    self._head = head
                else:
                    del instants[:head]
                    del self._totals[:head]
                    self._head = 0
        except IndexError:
            self._expire_all_but_youngest(now)
            return
        self._oldest = oldest

    def empty_at(self, now: float) -> float:
        """The instant at which nothing is left in the window if nothing more arrives."""
        then = self._last_at + self.length
        return then if then > now and self._total > self._gone else now

    def passes_at(self, now: float, cost: int) -> float:
        """The instant at which `cost` fits if nothing more arrives.

        For a cost over the whole limit, the one at which the window is empty.
        """
        if now >= self._oldest:
            self.expire(now)
        total = self._total + cost
        if total <= self._ceiling:
            return now
        index = bisect_left(self._totals, total - self.limit, self._head)
        if index == len(self._totals):
            return self.empty_at(now)
        return self._instants[index] + self.length

    def history(self, now: float) -> Iterator[tuple[float, int]]:
        """(instant, cost) of each entry; the instant is that of the last cost in it."""
        self.expire(now)
        before = self._gone
        for index in range(self._head, len(self._instants)):
            total = self._totals[index]
            if total > before:
                yield self._instants[index], total - before
                before = total
        if self._total > before:
            yield self._last_at, self._total - before

    def _first_within(self, now: float, head: int) -> int:
        """Index of the first entry after `head` that is in the window; `head` has left it."""
        instants, length = self._instants, self.length
        index = bisect_right(instants, now - length, head)
        # The difference is rounded, the sums decide.
        while instants[index - 1] + length > now:
            index -= 1
        while index < len(instants) and instants[index] + length <= now:
            index += 1
        return index

    def _expire_all_but_youngest(self, now: float) -> None:
        """Forget every entry in the arrays, and the youngest if it has left the window too."""
        if self._totals:
            self._gone = self._totals[-1]
        self._oldest = self._last_at + self.length
        if self._oldest <= now:
            self._gone = self._total
            # Whatever comes now or later stays that long.
            self._oldest = now + self.length
        del self._instants[:]
        del self._totals[:]
        self._head = 0
        self._ceiling = self._gone + self.limit

    def _start_over(self) -> int:
        """Count totals from what is gone; the present one, which did not fit, is appended."""
        gone = self._gone
        totals = [total - gone for total in self._totals[self._head :]]
        total = self._total - gone
        totals.append(total)
        self._totals = _packed(totals, total + total // _ROOM)
        del self._instants[: self._head]
        self._head = self._gone = 0
        self._ceiling = self.limit
        return total

    def _compact(self) -> None:
        """Merge entries where no decision suffers: within 1/1000 of the limit, and in debts.

        While more than the limit is used, nothing passes. So when the entries go that are followed
        by a whole limit or more matters only to who looks at `used`.
        """
        instants, totals = self._instants, self._totals
        granule = self.length / _GRANULES
        hidden = self._total - self.limit
        last = len(instants) - 1
        kept, before = [], self._gone
        for index in range(self._head, last):
            total = totals[index]
            if totals[index + 1] - before <= self._quantum or (
                total <= hidden and instants[index] // granule == instants[index + 1] // granule
            ):
                continue
            kept.append(index)
            before = total
        kept.append(last)
        self._instants = array("d", [instants[index] for index in kept])
        self._totals = _packed([totals[index] for index in kept], totals[last])
        self._head = 0


def _packed(totals: list[int], greatest: int) -> "array[int] | list[int]":
    """Those in as little memory as numbers up to `greatest` allow."""
    code = next((code for bound, code in _CODES if greatest < bound), None)
    return array(code, totals) if code else totals
