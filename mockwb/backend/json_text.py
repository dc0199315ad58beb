"""JSON as SDKs write it, with bare NaN and Infinity, and as every reader takes it: as strings."""

import json
import math
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError


def parse_object(text: str, what: str) -> dict[str, Any]:
    """The JSON object in `text`; InvalidError says that `what` holds none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{what} is not valid JSON: {error}") from error
    if not isinstance(value, dict):
        raise InvalidError(f"{what} must be a JSON object, got {type(value).__name__}")
    return value


def to_json(value: Any) -> str:
    """Compact JSON text; special floats become the strings that W&B uses."""
    return msgspec.json.encode(without_specials(value)).decode()


def without_specials(value: Any) -> Any:
    """`value` with NaN and infinities as "NaN", "Infinity", "-Infinity"."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _spelled(value)
    if isinstance(value, dict):
        return {key: without_specials(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_specials(item) for item in value]
    return value


def may_hold_specials(text: str) -> bool:
    """Whether bare NaN or Infinity might be in this JSON text."""
    # One character is found much faster than a word.
    return ("N" in text and "NaN" in text) or ("I" in text and "Infinity" in text)


def _spelled(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
