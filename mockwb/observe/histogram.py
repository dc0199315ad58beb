"""A histogram that costs one bisection per observation. Used by `metrics`.

prometheus-client's own histogram walks its buckets under a lock, several times slower, which
would show on the path that every request takes.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from prometheus_client.utils import floatToGoString


class Histogram:
    """Counts of observations per bucket, and their sum."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """Take the upper bounds of the buckets, rising, without +Inf."""
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count `value` in the first bucket that is not below it."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def observe_all(self, values: Sequence[float]) -> None:
        """Count each of at least one value; at once if all are in one bucket."""
        if len(values) == 1:
            self.observe(values[0])
            return
        bucket = bisect_left(self._bounds, max(values))
        if bisect_left(self._bounds, min(values)) == bucket:
            self._counts[bucket] += len(values)
            self._sum += sum(values)
            return
        for value in values:
            self.observe(value)

    @property
    def sum(self) -> float:
        """Sum of all observations."""
        return self._sum

    def cumulative(self) -> list[tuple[str, float]]:
        """(`le`, observations up to it), ending with +Inf, as Prometheus wants them."""
        bounds = [_le(bound) for bound in (*self._bounds, float("inf"))]
        return list(zip(bounds, accumulate(self._counts), strict=True))


def _le(bound: float) -> str:
    """An upper bound as client libraries write it, such as `0.5` and `+Inf`."""
    return str(floatToGoString(bound))  # type: ignore[no-untyped-call]
