"""Samples of long series: evenly spread, the first and the last always among them.

W&B samples at random; here the same question gets the same answer.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")

DEFAULT_SAMPLES = 500


def sampled(rows: Sequence[T], samples: int | None) -> Sequence[T]:
    """At most `samples` of the rows, in order; None means W&B's default of 500."""
    wanted = DEFAULT_SAMPLES if samples is None else samples
    if wanted <= 0:
        return []
    if len(rows) <= wanted:
        return rows
    if wanted == 1:
        return rows[-1:]
    last = len(rows) - 1
    return [rows[round(i * last / (wanted - 1))] for i in range(wanted)]


def sampled_steps(
    rows: Sequence[T], samples: int | None, step_of: Callable[[T], float]
) -> Sequence[T]:
    """As `sampled`, for rows in order of step; those of one step come together or not at all.

    Several writers may log at the same steps. Readers page through a history by ranges of steps
    and ask for one sample per step, so counting rows instead would drop some.
    """
    if len(rows) <= (DEFAULT_SAMPLES if samples is None else samples):
        return rows
    steps = [list(together) for _, together in groupby(rows, step_of)]
    if len(steps) == len(rows):
        return sampled(rows, samples)
    return [row for step in sampled(steps, samples) for row in step]
