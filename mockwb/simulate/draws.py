"""Random durations that are the same on every machine and cost next to nothing to draw."""

from itertools import cycle
from math import log
from random import Random

_DRAWS = 4096
"""Durations drawn beforehand."""
_DIGITS = 7
"""Machines' logarithms differ in the sixteenth digit; rounded to 0.1 us they are the same."""


class Durations:
    """Durations that are spread lognormally around a median."""

    __slots__ = ("draw",)

    def __init__(self, median: float, sigma: float, random: Random) -> None:
        """Draw from `random`; with a `median` of 0 they are all 0."""
        drawn = [
            round(random.lognormvariate(log(median), sigma), _DIGITS) if median else 0.0
            for _ in range(_DRAWS)
        ]
        self.draw = cycle(drawn).__next__
        """The next one, in seconds; after thousands they come around again."""
