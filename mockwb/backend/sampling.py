"""Samples of long series: evenly spread, the first and the last always among them.

W&B samples at random; here the same question gets the same answer.
"""

from collections.abc import Sequence
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
