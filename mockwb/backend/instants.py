"""Instants as W&B writes them, and back."""

from datetime import UTC, datetime


def format_instant(seconds: float) -> str:
    """Seconds since the Unix epoch as `2026-01-01T00:00:00Z`."""
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
