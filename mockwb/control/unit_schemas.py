"""JSON schemas of settings that are written in human units: what their readers accept.

Regular expressions stay within what JSON schema, Python and browsers read alike. They leave out
what readers allow on top: blanks in between, and fractions of amounts.
"""

from typing import Any

from mockwb.limits.rates import ByteRates, CountRates, TimeRates
from mockwb.limits.retry_after import RetryAfter
from mockwb.limits.windows.kinds import KIND_NAMES
from mockwb.units import LARGEST, LONGEST, Duration, Size, format_duration

_DURATION = r"[0-9]+(\.[0-9]+)?(ms|s|m|h|d)"
_DURATIONS = rf"({_DURATION})+"
_SIZE = r"[0-9]+(\.[0-9]+)?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)?"
_KINDS = "|".join(KIND_NAMES)


def _text(pattern: str, *examples: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)}


def _rates(amount: str, example: str) -> dict[str, Any]:
    rate = _text(f"{amount}/({_DURATIONS}|ms|s|m|h|d)( ({_KINDS}))?", example, f"{example} fixed")
    windows = {"type": "array", "items": rate, "minItems": 1}
    return {
        "anyOf": [{"const": "unlimited"}, rate, windows],
        "description": "So much per window; windows in a list differ in length or kind. "
        f"Windows last from 1ms to {format_duration(LONGEST)}; amounts go up to {LARGEST}.",
    }


UNIT_SCHEMAS: dict[Any, dict[str, Any]] = {
    Duration: {
        "anyOf": [
            _text(_DURATIONS, "500ms", "1h30m"),
            {"type": "number", "minimum": 0, "maximum": LONGEST},
        ],
        "description": f"Text with units, or seconds; at most {format_duration(LONGEST)}.",
    },
    Size: {
        "anyOf": [
            _text(_SIZE, "10MB", "64KiB"),
            {"type": "integer", "minimum": 0, "maximum": LARGEST},
        ],
        "description": f"Text with units, or bytes; at most {LARGEST}.",
    },
    CountRates: _rates("[0-9]{1,15}", CountRates.example),
    ByteRates: _rates(_SIZE, ByteRates.example),
    TimeRates: _rates(_DURATIONS, TimeRates.example),
    RetryAfter: {
        "anyOf": [{"enum": ["off", "reset", "next"]}, _text(_DURATIONS, "5s")],
        "description": "A mode, or a fixed time of at least 1s.",
    },
}
