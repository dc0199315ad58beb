"""What differs between two sets of settings, for one line of the log."""

from collections.abc import Iterator
from typing import Any

import msgspec


def changes(before: dict[str, Any], after: dict[str, Any], where: str = "") -> Iterator[str]:
    """`project.requests "60/1m" -> "30/1m"`, one text per setting, values as JSON."""
    for key in sorted({*before, *after}):
        path = f"{where}{key}"
        old, new = before.get(key), after.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            yield from changes(old, new, f"{path}.")
        elif old != new:
            yield f"{path} {_json(old)} -> {_json(new)}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
