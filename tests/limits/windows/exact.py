"""What each kind of window promises, reckoned the slow way from a log of every cost."""

from bisect import bisect_right
from fractions import Fraction

from hypothesis import strategies as st

LENGTH = 60.0

GAPS = st.one_of(
    st.just(0.0),
    st.sampled_from([1e-9, 0.25, LENGTH / 1000, LENGTH / 2, LENGTH, LENGTH * 1.5]),
    st.floats(0.0, LENGTH / 10),
    st.sampled_from([LENGTH - 1e-9, LENGTH + 1e-9, LENGTH - 0.25]),
)
LIMITS = st.sampled_from([0, 1, 2, 5, 20, 999, 1000, 1001, 50_000, 10**15])


def costs(limit: int) -> list[int]:
    """Those at which something might change."""
    around = {1, 2, limit // 1500, limit // 1000, limit // 1000 + 1, limit // 3, limit, limit + 1}
    return sorted(cost for cost in around if cost)


def just_before(instant: float) -> float:
    """So much earlier that sums of instants and lengths see it."""
    return instant - 1e-6


class Log:
    """Every cost with its instant, in order."""

    def __init__(self) -> None:
        self.instants: list[float] = []
        self.sums = [0]

    def add(self, at: float, cost: int) -> None:
        self.instants.append(at)
        self.sums.append(self.sums[-1] + cost)

    def rolling(self, now: float, length: float = LENGTH) -> int:
        """What came in (now - length, now]."""
        first = bisect_right(self.instants, now, key=lambda at: at + length)
        return self.sums[-1] - self.sums[first]

    def fixed(self, now: float, length: float = LENGTH) -> int:
        """What came since the last multiple of `length`."""
        number = int(now // length) + 2
        while number * length > now:
            number -= 1
        first = bisect_right(self.instants, False, key=lambda at: at >= number * length)
        return self.sums[-1] - self.sums[first]


class Bucket:
    """A token bucket in fractions."""

    def __init__(self, limit: int, length: float = LENGTH) -> None:
        self.limit = limit
        self.length = Fraction(length)
        self.missing = Fraction(0)
        self.at = Fraction(0)

    def at_instant(self, now: float) -> Fraction:
        """What is missing."""
        refilled = (Fraction(now) - self.at) * self.limit / self.length
        self.missing = max(Fraction(0), self.missing - refilled)
        self.at = Fraction(now)
        return self.missing
