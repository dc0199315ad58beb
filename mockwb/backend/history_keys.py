"""What was logged under each key of a run: types, order, last value. Nested keys use dots."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from operator import le
from typing import Any

from mockwb.backend.history_row import parse_rows
from mockwb.backend.json_text import without_specials
from mockwb.backend.number_rows import NumberRows

_NUMBERS = {int, float}


class _Key:
    """One key's tally."""

    __slots__ = ("items", "monotonic", "previous", "types")

    def __init__(self) -> None:
        self.types: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self.monotonic = True
        self.previous: Any = None

    def add(self, column: Sequence[Any], types: set[type]) -> None:
        """Count the values of some rows, in order; `types` are those in `column`."""
        if types <= _NUMBERS:
            self.add_numbers(column)
            return
        for value in column:
            self._add(value)

    def add_numbers(self, column: Sequence[int | float]) -> None:
        """As `add`, for nothing but numbers."""
        self.types["number"] += len(column)
        if self.monotonic:
            former = column[0] if self.previous is None else self.previous
            self.monotonic = former <= column[0] and all(map(le, column, islice(column, 1, None)))
        self.previous = column[-1]

    def _add(self, value: Any) -> None:
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
        self._number_rows = NumberRows()

    def add_lines(self, lines: Sequence[str]) -> None:
        """Count rows given as JSON texts."""
        found = self._number_rows.columns(lines)
        if found is not None:
            for name, column in zip(*found, strict=True):
                self._key(name).add_numbers(column)
            return
        rows = parse_rows(lines)
        self.add(rows)
        self._number_rows.learn(rows[-1])

    def add(self, rows: Iterable[dict[str, Any]]) -> None:
        """Count rows. Neighbours mostly have the same keys: those are counted key by key."""
        for names, alike in groupby(rows, tuple):
            self._add_columns(names, zip(*map(dict.values, alike), strict=True), "")

    def as_json(self, last_step: float) -> dict[str, Any]:
        """The `historyKeys` object, for rows up to `last_step`."""
        return {
            "keys": {name: key.as_json() for name, key in self._keys.items()},
            "lastStep": int(last_step) if float(last_step).is_integer() else last_step,
            "sets": [],
        }

    def _add_columns(
        self, names: Iterable[str], columns: Iterable[tuple[Any, ...]], prefix: str
    ) -> None:
        for name, column in zip(names, columns, strict=True):
            types = set(map(type, column))
            if dict not in types:
                self._key(prefix + name).add(column, types)
                continue
            for value in column:
                self._add_any(prefix + name, value)

    def _add_any(self, path: str, value: Any) -> None:
        if isinstance(value, dict) and "_type" not in value:
            self._add_columns(value, zip(value.values(), strict=True), f"{path}.")
        else:
            self._key(path).add((value,), {type(value)})

    def _key(self, path: str) -> _Key:
        key = self._keys.get(path)
        if key is None:
            key = self._keys[path] = _Key()
        return key


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
