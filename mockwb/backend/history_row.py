"""One line of history: JSON as wandb-core writes it, and the values in it."""

import json
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError

INTERNAL_KEYS = ("_step", "_timestamp", "_runtime")
"""Keys that the SDK adds to each row; they are not logged points."""

_strict = msgspec.json.Decoder(dict[str, Any])


def parse_row(line: str) -> dict[str, Any]:
    """The row as a dict; bare NaN and Infinity, which the SDK writes, become floats.

    InvalidError if the line is not a JSON object.
    """
    try:
        return _strict.decode(line)
    except msgspec.DecodeError:
        return _parse_leniently(line)


def _parse_leniently(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"not valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise InvalidError(f"expected a JSON object, got {type(row).__name__}")
    return row


def count_values(row: dict[str, Any]) -> int:
    """Logged points in the row: nested dicts flattened, the SDK's own keys left out.

    Lists, strings and media (objects with `_type`) count as one (W&B docs, Experiments limits
    and performance).
    """
    count = len(row)
    for key in INTERNAL_KEYS:
        if key in row:
            count -= 1
    # Nearly all rows are flat; one C-level pass tells.
    if dict in set(map(type, row.values())):
        for value in row.values():
            if type(value) is dict:
                count += _count_nested(value) - 1
    return count


def _count_nested(value: dict[str, Any]) -> int:
    if "_type" in value:
        return 1
    return sum(_count_nested(v) if type(v) is dict else 1 for v in value.values())
