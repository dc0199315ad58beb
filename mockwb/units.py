"""Human units in configuration and scenarios: `90s`, `10MB`, `60/1m`, and back to text."""

import re
from decimal import Decimal

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 10_000 * 86400.0
"""Seconds that every duration is shorter than."""
LARGEST = 10**16
"""Largest size or count: floats, and so metrics, hold it to the last digit or the one before."""
_BYTES = {
    "B": 1,
    "kB": 1000,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "TiB": 1024**4,
}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKMGT]i?B|B)?")


class Duration(float):
    """A span of time in seconds, written `500ms`, `90s`, `1h30m` or as a plain number."""

    def __str__(self) -> str:
        return format_duration(self)


class Size(int):
    """An amount of data in bytes, written `10MB`, `64KiB` or as a plain number."""

    def __str__(self) -> str:
        return format_size(self)


def parse_duration(value: object) -> Duration:
    """Seconds from `90`, `"90s"` or `"1h30m"`; ValueError says what was expected."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value
    else:
        read = _seconds(value.strip()) if isinstance(value, str) else None
        if read is None:
            raise ValueError(f"expected a duration such as 500ms, 90s or 1h30m, got {value!r}")
        seconds = read
    if not 0 <= seconds < LONGEST:
        longest = format_duration(LONGEST)
        raise ValueError(
            f"expected a duration of at least 0 seconds, less than {longest}, got {value!r}"
        )
    return Duration(seconds)


def parse_size(value: object) -> Size:
    """Bytes from `1024`, `"10MB"` (10^6) or `"64KiB"` (2^10); ValueError says what was expected."""
    if isinstance(value, int) and not isinstance(value, bool):
        size: float = value
    else:
        match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is None:
            raise ValueError(f"expected a size such as 512, 10MB or 64KiB, got {value!r}")
        size = float(match.group(1)) * _BYTES[match.group(2) or "B"]
    if not 0 <= size <= LARGEST:
        largest = format_size(LARGEST)
        raise ValueError(f"expected a size of at least 0 bytes, at most {largest}, got {value!r}")
    return Size(round(size))


def format_duration(seconds: float) -> str:
    """Text for people: `500ms`, `1m`, `1h30m`."""
    if 0 < seconds < 1:
        return f"{seconds * 1000:g}ms"
    text = ""
    rest = float(seconds)
    for unit in ("d", "h", "m"):
        count, rest = divmod(rest, _SECONDS[unit])
        if count:
            text += f"{count:g}{unit}"
    if rest or not text:
        text += f"{round(rest, 3):g}s"
    return text


def exact_duration(seconds: float) -> str:
    """Text for people that `parse_duration` reads back as the very same number."""
    text = format_duration(seconds)
    return text if _seconds(text) == seconds else f"{Decimal(repr(float(seconds))):f}s"


def _seconds(text: str) -> float | None:
    """The sum of all parts; None if it is not made of such."""
    parts = list(_DURATION_PART.finditer(text))
    if not parts or "".join(part.group(0) for part in parts) != text:
        return None
    return sum(float(part.group(1)) * _SECONDS[part.group(2)] for part in parts)


def format_size(size: float) -> str:
    """Text for people, in powers of ten: `512B`, `1.5MB`."""
    for unit, step in (("TB", 1000**4), ("GB", 1000**3), ("MB", 1000**2), ("kB", 1000)):
        # What four digits round up to 1000 reads better in the next unit.
        if size >= step * 0.99995:
            text = f"{size / step:.4g}"
            return f"{size / step:.0f}{unit}" if "e" in text else text + unit
    return f"{size:g}B"
