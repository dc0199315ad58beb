"""How much there was in the fullest minute, over timestamps that come in any order.

Amounts are kept by second and looked at in windows of 60 whole seconds. Each such window is one of
the minutes that roll, so a finding is always one; a minute that begins within a second may hold up
to one second's amount more. Used by the ranges that are rates.
"""

SECONDS = 60
MOST_SECONDS = 600
"""Seconds kept; when there are more, the half of them that came first is let go."""


class RollingMinute:
    """Amounts by second. Cheap to add to: windows are summed only when one could be too full."""

    __slots__ = ("_bound", "_limit", "_newest", "_seconds", "_unweighed", "key", "peak")

    def __init__(self, limit: float) -> None:
        """Notice at once when a minute holds more than `limit`."""
        self._limit = limit
        self._seconds: dict[int, float] = {}
        self._bound = 0.0
        """No minute held more when they were last looked at."""
        self._unweighed = 0.0
        """What was added since."""
        self._newest = -1
        self.peak = 0.0
        """Of the fullest minute; right as soon as it is beyond the limit, else once `weigh`ed."""
        self.key: str | None = None

    def put(self, second: int, amount: float) -> None:
        """Add what happened in `second`."""
        seconds = self._seconds
        if second in seconds:
            seconds[second] += amount
        else:
            if len(seconds) >= MOST_SECONDS:
                self._let_go()
            seconds[second] = amount
            self._newest = max(self._newest, second)
        self._unweighed += amount
        if self._bound + self._unweighed > self._limit and (
            self.peak <= self._limit or self._unweighed > self.peak / 10
        ):
            self.weigh()

    def now(self) -> float:
        """The minute that ends with the newest second."""
        self.weigh()
        first = self._newest - SECONDS
        return sum(amount for at, amount in self._seconds.items() if at > first)

    def weigh(self) -> None:
        """Look at every window."""
        if not self._unweighed:
            return
        by_time = sorted(self._seconds.items())
        held = fullest = 0.0
        oldest = 0
        for at, amount in by_time:
            held += amount
            while by_time[oldest][0] <= at - SECONDS:
                held -= by_time[oldest][1]
                oldest += 1
            fullest = max(fullest, held)
        self._bound, self._unweighed = fullest, 0.0
        self.peak = max(self.peak, fullest)

    def _let_go(self) -> None:
        self.weigh()
        for second in list(self._seconds)[: MOST_SECONDS // 2]:
            del self._seconds[second]
