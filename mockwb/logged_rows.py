"""What one request logged, row by row: the facts that W&B's guidance is about.

`backend` gathers them while it reads the rows, `wire` puts them into the request's record, and
`observe` holds them against the ranges.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

Shape = tuple[str, ...]
"""The metric names of a row: nested dicts dotted, the SDK's own keys left out."""


WEIGHED_FROM = 10_000
"""Bytes of a row from which on its values are weighed one by one."""


class LargeValue(NamedTuple):
    """One large value of a row."""

    key: str
    size: int
    """Bytes as JSON."""


class Second(msgspec.Struct, gc=False):
    """What the rows hold whose own timestamps lie in one second."""

    rows: int = 0
    points: int = 0
    video_bytes: int = 0


class LoggedRows(msgspec.Struct, gc=False):
    """History rows that were not there before."""

    rows: int = 0
    points: int = 0
    """Metric values, which W&B calls logged points."""
    shapes: list[Shape] = []
    """The different ones; one may be listed twice if its rows differ in the order of keys."""
    seconds: dict[int | None, Second] = {}
    """By second since the Unix epoch; None for rows that do not say when they were logged."""
    logged_at: Sequence[Any] = ()
    """`_timestamp` of each row as it came: seconds since the Unix epoch, if it is a number."""
    largest: int = 0
    """Bytes of the largest row."""
    with_video: bool = False
    """Whether any second has video bytes."""
    large_values: list[LargeValue] = []
    """Of rows of more than 10 kB: their largest values, media excepted."""
