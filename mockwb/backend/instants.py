"""Instants as W&B writes them, and back."""

import math
from datetime import UTC, datetime
from functools import lru_cache


def format_instant(seconds: float) -> str:
    """Seconds since the Unix epoch as `2026-01-01T00:00:00Z`."""
    return _formatted(math.floor(seconds))


@lru_cache(maxsize=20_000)  # lists of runs say the same ones again and again
def _formatted(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> float | None:
    """Seconds since the Unix epoch of an ISO text (UTC without a zone); None if it is none."""
    if len(text) < 10 or not text[:4].isdigit():
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
