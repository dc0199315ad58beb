"""JSON schemas of settings that are written in human units.

Every text that they describe is accepted, and every text that the server writes is described.
Readers allow a little more: blanks in between, more digits, and less usual fractions.
"""

from typing import Any

from mockwb.config.guidance import CountRange, SizeRange
from mockwb.config.network import Network
from mockwb.limits.rates import ByteRates, CountRates, TimeRates
from mockwb.limits.retry_after import RetryAfter
from mockwb.limits.windows.kinds import KIND_NAMES
from mockwb.units import LARGEST, LONGEST, Duration, Size, format_duration

_UPTO_9999 = "[1-9][0-9]{0,3}"
_UPTO_LONGEST = "([1-9][0-9]{0,7}|[1-7][0-9]{8}|8[0-5][0-9]{7}|86[0-3][0-9]{6})"
_SECONDS = r"([1-5]?[0-9](\.[0-9]+)?s)?"
_MINUTES = rf"([1-5]?[0-9]m)?{_SECONDS}"
_HOURS = rf"((1?[0-9]|2[0-3])h)?{_MINUTES}"
_FROM_1S = (
    f"({_UPTO_9999}d{_HOURS}|{_UPTO_9999}h{_MINUTES}|{_UPTO_9999}m{_SECONDS}"
    rf"|{_UPTO_LONGEST}(\.[0-9]+)?s)"
)
_FROM_1MS = rf"({_FROM_1S}|{_UPTO_9999}(\.[0-9]+)?ms|0\.0{{0,2}}[1-9][0-9]*s)"
_DURATION = rf"({_FROM_1S}|{_UPTO_9999}(\.[0-9]+)?ms|0(\.[0-9]+)?m?s|0[mhd])"
_SIZE = r"([0-9]{1,16}B?|[0-9]{1,6}(\.[0-9]+)?(kB|KB|MB|GB|KiB|MiB|GiB)|[0-9]{1,4}(\.[0-9]+)?TB)"
_KINDS = "|".join(KIND_NAMES)


def text_pattern(kind: type[Duration] | type[Size]) -> str:
    """What such a setting looks like as text."""
    return _DURATION if kind is Duration else _SIZE


def _text(pattern: str, *examples: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^({pattern})$", "examples": list(examples)}


def _rates(amount: str, example: str) -> dict[str, Any]:
    window = f"({_FROM_1MS}|ms|s|m|h|d)"
    rate = _text(f"{amount}/{window}( ({_KINDS}))?", example, f"{example} fixed")
    windows = {"type": "array", "items": rate, "minItems": 1, "uniqueItems": True}
    return {
        "anyOf": [{"const": "unlimited"}, rate, windows],
        "description": "So much per window. All windows of a list hold; no two may have the same "
        f"length and kind. A window lasts at least 1ms and less than {format_duration(LONGEST)}; "
        f"amounts go up to {LARGEST}.",
    }


_UNLIMITED: dict[str, Any] = {"enum": ["unlimited", None]}

UNIT_SCHEMAS: dict[Any, dict[str, Any]] = {
    Duration: {
        "anyOf": [
            _text(_DURATION, "500ms", "1h30m"),
            {"type": "number", "minimum": 0, "exclusiveMaximum": LONGEST},
        ],
        "description": f"Text with units, or seconds; less than {format_duration(LONGEST)}.",
    },
    Size: {
        "anyOf": [
            _text(_SIZE, "10MB", "64KiB"),
            {"type": "integer", "minimum": 0, "maximum": LARGEST},
        ],
        "description": f"Text with units, or bytes; at most {LARGEST}.",
    },
    CountRates: _rates("[0-9]{1,16}", CountRates.example),
    ByteRates: _rates(_SIZE, ByteRates.example),
    TimeRates: _rates(_DURATION, TimeRates.example),
    CountRange: {
        "anyOf": [_UNLIMITED, {"type": "integer", "minimum": 0, "maximum": LARGEST}],
    },
    SizeRange: {
        "anyOf": [
            _UNLIMITED,
            _text(_SIZE, "10MB", "64KiB"),
            {"type": "integer", "minimum": 0, "maximum": LARGEST},
        ],
        "description": "Text with units, or bytes.",
    },
    Network: {"type": "string", "examples": ["10.0.0.0/8", "fd00::/8"]},
    RetryAfter: {
        "anyOf": [
            {"enum": ["off", "reset", "next", False]},
            _text(_FROM_1S, "5s"),
            {"type": "number", "minimum": 1, "exclusiveMaximum": LONGEST},
        ],
        "description": "A mode, or a fixed time of at least 1s; false means off.",
    },
}
