"""What differs between two scenarios' settings, key by key. Used by `comparison`."""

from collections.abc import Iterator
from typing import Any


def settings_diff(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """One line for each key that differs, such as `workloads.ranks.count: 10 -> 20`.

    Entries of lists that have names are told apart by these, others by their place.
    """
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            below = f"{path}.{key}" if path else str(key)
            yield from settings_diff(before.get(key, _NONE), after.get(key, _NONE), below)
    elif isinstance(before, list) and isinstance(after, list):
        yield from settings_diff(_by_name(before), _by_name(after), path)
    else:
        yield f"{path}: {_text(before)} -> {_text(after)}"


class _Nothing:
    """Stands for a key that one side does not have."""


_NONE = _Nothing()


def _by_name(entries: list[Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for index, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, dict) else None
        named[str(name) if name and name not in named else str(index)] = entry
    return named


def _text(value: Any) -> str:
    return "nothing" if value is _NONE else str(value)
