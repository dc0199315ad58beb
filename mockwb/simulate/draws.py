"""Random durations that are the same on every machine and cost next to nothing to draw."""

from math import log
from random import Random

_DRAWS = 4096
"""Durations drawn beforehand; a power of two."""
_DIGITS = 7
"""Machines' logarithms differ in the sixteenth digit; rounded to 0.1 us they are the same."""


class Durations:
    """Durations that are spread lognormally around a median."""

    __slots__ = ("_drawn", "_next")

    def __init__(self, median: float, sigma: float, random: Random) -> None:
        """Draw from `random`; with a `median` of 0 they are all 0."""
        self._drawn = [
            round(random.lognormvariate(log(median), sigma), _DIGITS) if median else 0.0
            for _ in range(_DRAWS)
        ]
        self._next = 0

    def draw(self) -> float:
        """The next one, in seconds; after thousands they come around again."""
        index = self._next
        self._next = index + 1 & _DRAWS - 1
        return self._drawn[index]
