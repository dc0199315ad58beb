"""One line of history: JSON as wandb-core writes it."""

import json
from collections.abc import Sequence
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError

INTERNAL_KEYS = ("_step", "_timestamp", "_runtime")
"""Keys that the SDK adds to each row; they are not logged points."""

MAX_DEPTH = 100
"""Dicts within dicts; deeper rows are refused, or they would exhaust readers' stacks."""

decode_strictly = msgspec.json.Decoder(dict[str, Any]).decode
"""As `parse_row`, but anything unusual is msgspec's DecodeError or a RecursionError."""
_strict_list = msgspec.json.Decoder(list[dict[str, Any]])


def parse_row(line: str) -> dict[str, Any]:
    """The row as a dict; bare NaN and Infinity, which the SDK writes, become floats.

    InvalidError if the line is not a JSON object, or one that nobody could read back.
    """
    try:
        return decode_strictly(line)
    except (msgspec.DecodeError, RecursionError):
        return _parse_leniently(line)


def parse_rows(lines: Sequence[str]) -> list[dict[str, Any]]:
    """As `parse_row` for each line; some hundred at once take half the time."""
    try:
        return _strict_list.decode(joined(lines))
    except (msgspec.DecodeError, RecursionError):
        return [parse_row(line) for line in lines]


def joined(lines: Sequence[str]) -> str:
    """Lines of JSON as one JSON list."""
    return f"[{','.join(lines)}]"


def _parse_leniently(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except RecursionError:
        raise InvalidError("nested too deeply") from None
    except ValueError as error:
        raise InvalidError(f"not valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise InvalidError(f"expected a JSON object, got {type(row).__name__}")
    return row
