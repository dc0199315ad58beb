"""Whether logged values are as a test expects them. Used by `assertions`."""

import math
from collections.abc import Mapping
from typing import Any


def matches(expected: Any, value: Any) -> bool:
    """Whether one value is as expected.

    `...` is anything, a type its instances, another callable a predicate; dicts and lists match
    part by part, NaN is NaN, and all else is compared with `==` (so `pytest.approx` works).
    """
    if expected is ...:
        return True
    if callable(expected):
        return isinstance(value, expected) if isinstance(expected, type) else bool(expected(value))
    if isinstance(expected, Mapping | list | tuple):
        return _part_by_part(expected, value)
    if isinstance(expected, float) and math.isnan(expected):
        return isinstance(value, float) and math.isnan(value)
    return bool(expected == value)


def _part_by_part(expected: Any, value: Any) -> bool:
    if isinstance(expected, Mapping):
        return (
            isinstance(value, Mapping)
            and expected.keys() == value.keys()
            and all(matches(part, value[key]) for key, part in expected.items())
        )
    return (
        isinstance(value, list | tuple)
        and len(expected) == len(value)
        and all(map(matches, expected, value))
    )


def described(expected: Any) -> str:
    """`expected` in words, for messages."""
    if expected is ...:
        return "anything"
    if isinstance(expected, type):
        return f"an instance of {expected.__name__}"
    if callable(expected):
        return f"a value for which {getattr(expected, '__name__', repr(expected))} holds"
    return repr(expected)
