"""What was logged under each key of a run: types, order, last value. Nested keys use dots."""

from collections import Counter
from typing import Any

from mockwb.backend.json_text import without_specials


class _Key:
    """One key's tally."""

    __slots__ = ("items", "monotonic", "previous", "types")

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self.monotonic = True
        self.previous: Any = None

    def add(self, value: Any) -> None:
        """Count one value."""
        kind = _type_of(value)
        self.types[kind] += 1
        if kind == "list":
            self.items.update(map(_type_of, value))
        if kind != "number" or isinstance(value, str):
            self.monotonic = False
        elif self.monotonic and self.previous is not None:
            self.monotonic = value >= self.previous
        self.previous = value

    def as_json(self) -> dict[str, Any]:
        """In W&B's form."""
        counts: list[dict[str, Any]] = [{"type": t, "count": n} for t, n in self.types.items()]
        for entry in counts:
            if entry["type"] == "list":
                entry["items"] = [{"type": t, "count": n} for t, n in self.items.items()]
        return {
            "typeCounts": counts,
            "monotonic": self.monotonic,
            "previousValue": without_specials(self.previous),
        }


class HistoryKeys:
    """Tally over the rows of a run, in order of step."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self._keys: dict[str, _Key] = {}
        self._last_step = -1.0

    def add(self, step: float, row: dict[str, Any]) -> None:
        """Count one row."""
        self._last_step = max(self._last_step, float(step))
        self._add(row, "")

    def as_json(self) -> dict[str, Any] | None:
        """The `historyKeys` object; None if no row was seen."""
        if not self._keys:
            return None
        last = self._last_step
        return {
            "keys": {name: key.as_json() for name, key in self._keys.items()},
            "lastStep": int(last) if last.is_integer() else last,
            "sets": [],
        }

    def _add(self, values: dict[str, Any], prefix: str) -> None:
        for name, value in values.items():
            path = prefix + name
            if isinstance(value, dict) and "_type" not in value:
                self._add(value, f"{path}.")
                continue
            key = self._keys.get(path)
            if key is None:
                key = self._keys[path] = _Key()
            key.add(value)


def lookup(values: dict[str, Any], path: str) -> tuple[bool, Any]:
    """(whether it is there, value) for a key that may itself hold dots, or lead into dicts."""
    if path in values:
        return True, values[path]
    head, dot, rest = path.partition(".")
    while dot:
        inner = values.get(head)
        if isinstance(inner, dict):
            found, value = lookup(inner, rest)
            if found:
                return True, value
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return False, None


def _type_of(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        # Special floats that clients write as strings are numbers all the same.
        return "number" if value in ("NaN", "Infinity", "-Infinity") else "string"
    if isinstance(value, list):
        return "list"
    return str(value.get("_type", "map")) if isinstance(value, dict) else "string"
