"""Quantiles of many durations in little memory. Used by `delivery_tally`.

Durations fall into buckets whose bounds rise by a twentieth, so that any quantile is right to 5%;
from a microsecond to a year there are about 640 of them, and only those that are used take room.
"""

from collections.abc import Sequence
from math import ceil, floor, log

_GROWTH = 1.05
_SCALE = 1 / log(_GROWTH)
_LEAST = 1e-6
"""Seconds; shorter ones count as this long."""


def _bucket(seconds: float) -> int:
    return floor(log(seconds if seconds > _LEAST else _LEAST) * _SCALE)


class Quantiles:
    """Counts of durations by bucket."""

    __slots__ = ("_buckets", "_count", "largest")

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self._count = 0
        self.largest = 0.0
        """Exact, in seconds."""

    def add(self, seconds: float, times: int = 1) -> None:
        """Count a duration that came `times` times."""
        bucket = _bucket(seconds)
        self._buckets[bucket] = self._buckets.get(bucket, 0) + times
        self._count += times
        if seconds > self.largest:  # noqa: PLR1730 -- max() would cost as much as all the rest
            self.largest = seconds

    def add_all(self, durations: Sequence[float]) -> None:
        """Count each of at least one; at once if they differ too little to be told apart."""
        if len(durations) == 1:
            self.add(durations[0])
            return
        longest = max(durations)
        if _bucket(min(durations)) == _bucket(longest):
            self.add(longest, len(durations))
            return
        for duration in durations:
            self.add(duration)

    def at(self, share: float) -> float:
        """What `share` (above 0, at most 1) of all durations do not exceed; 0 without any."""
        wanted = ceil(share * self._count)
        seen = 0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen >= wanted:
                return min(float(_GROWTH ** (bucket + 1)), self.largest)
        return 0.0
