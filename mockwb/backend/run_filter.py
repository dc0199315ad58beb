"""Filters of run lists: the MongoDB-like grammar of `Api.runs(filters=...)`.

A filter is parsed once. It tests single things one by one, or selects from the columns of many
(see `run_index`); what the keys mean is for the caller to say (for runs see `run_facts`).
"""

import json
import operator as operators
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, NamedTuple, Protocol

from mockwb.backend.client_patterns import ClientPattern
from mockwb.backend.errors import InvalidError
from mockwb.backend.instants import parse_instant

Known = tuple[bool, Any]
"""(whether the run has the key, its value)"""
Lookup = Callable[[str], Known]
Test = Callable[[Lookup], bool]
Select = Callable[["Columns"], Set[int]]

MISSING: Known = (False, None)


class Comparison:
    """One operator with its operand, such as `{"$gt": 3}`."""

    def __init__(self, operator: str, value: Any) -> None:
        """Compare with `value`, which has been checked to fit the operator."""
        self._holds = _OPERATORS[operator]
        self.value = value
        self.compare_numbers = _ORDERED.get(operator) if _is_number(value) else None
        """What `holds` comes to for numbers, if it puts numbers in order."""

    def holds(self, known: Known) -> bool:
        """Whether a run with this value passes."""
        return self._holds(known, self.value)


class Columns(Protocol):
    """What is known of many runs, told by their positions."""

    @property
    def everything(self) -> frozenset[int]:
        """All positions."""
        ...

    def where(self, key: str, comparison: Comparison) -> Set[int]:
        """The positions whose value of `key` the comparison holds for."""
        ...


class RunFilter(NamedTuple):
    """A parsed filter, or a part of one."""

    test: Test
    """Whether one run passes."""
    select: Select
    """Which of many runs pass."""
    keys: frozenset[str] = frozenset()
    """Every key that it may look up."""
    numbers: frozenset[str] = frozenset()
    """Those of them that it compares with numbers."""


def parse_filter(text: str | None) -> RunFilter:
    """The filter in a JSON text; None and "" match every run. InvalidError if it is none."""
    if not text:
        return _all([])
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"filters are not valid JSON: {error}") from error
    try:
        return _parse(tree)
    except RecursionError:
        raise InvalidError("filters are nested too deeply") from None


def _parse(tree: object) -> RunFilter:
    if not isinstance(tree, dict):
        raise InvalidError(f"filters: expected an object, got {tree!r}")
    return _all([_parse_entry(key, value) for key, value in tree.items()])


def _parse_entry(key: str, value: Any) -> RunFilter:
    if not key.startswith("$"):
        return _parse_condition(key, value)
    if key == "$not":
        return _none([_parse(value)])
    if key not in ("$and", "$or", "$nor"):
        raise InvalidError(f"filters: unknown operator {key}")
    if not isinstance(value, list):
        raise InvalidError(f"filters: {key} takes a list, got {value!r}")
    parts = [_parse(item) for item in value]
    if key == "$nor":
        return _none(parts)
    # The app and report tools write {"$or": []} for "no filter".
    return _all(parts) if key == "$and" or not parts else _any(parts)


def _parse_condition(key: str, condition: Any) -> RunFilter:
    if not isinstance(condition, dict) or not any(name.startswith("$") for name in condition):
        return _comparison(key, "$eq", condition)
    return _all([_comparison(key, operator, value) for operator, value in condition.items()])


def _comparison(key: str, operator: str, value: Any) -> RunFilter:
    if operator == "$not":
        return _none([_parse_condition(key, value)])
    if operator not in _OPERATORS:
        raise InvalidError(f"filters: unknown operator {operator} for {key}")
    if operator in ("$in", "$nin") and not isinstance(value, list):
        raise InvalidError(f"filters: {operator} takes a list, got {value!r}")
    if operator == "$regex":
        value = _pattern(value)
    comparison = Comparison(operator, value)
    return RunFilter(
        lambda lookup: comparison.holds(lookup(key)),
        lambda columns: columns.where(key, comparison),
        frozenset({key}),
        frozenset({key} if operator != "$exists" and _has_number(value) else ()),
    )


def _all(parts: list[RunFilter]) -> RunFilter:
    """What passes every part."""
    if len(parts) == 1:
        return parts[0]
    return RunFilter(
        lambda lookup: all(part.test(lookup) for part in parts),
        lambda columns: _in_all(columns, [part.select(columns) for part in parts]),
        *_keys(parts),
    )


def _in_all(columns: Columns, chosen: list[Set[int]]) -> Set[int]:
    everything = columns.everything
    narrowed = [positions for positions in chosen if positions is not everything]
    if not narrowed:
        return everything
    smallest, *others = sorted(narrowed, key=len)
    for positions in others:
        smallest = smallest & positions
    return smallest


def _any(parts: list[RunFilter]) -> RunFilter:
    """What passes one part or more."""
    return RunFilter(
        lambda lookup: any(part.test(lookup) for part in parts),
        lambda columns: frozenset[int]().union(*[part.select(columns) for part in parts]),
        *_keys(parts),
    )


def _none(parts: list[RunFilter]) -> RunFilter:
    """What passes no part."""
    return RunFilter(
        lambda lookup: not any(part.test(lookup) for part in parts),
        lambda columns: columns.everything.difference(*[part.select(columns) for part in parts]),
        *_keys(parts),
    )


def _keys(parts: list[RunFilter]) -> tuple[frozenset[str], frozenset[str]]:
    none = frozenset[str]()
    return none.union(*[part.keys for part in parts]), none.union(*[p.numbers for p in parts])


def _pattern(value: Any) -> ClientPattern:
    if not isinstance(value, str):
        raise InvalidError(f"filters: $regex takes a text, got {value!r}")
    try:
        return ClientPattern(value)
    except InvalidError as error:
        raise InvalidError(f"filters: $regex {value!r}: {error}") from error


def _equals(known: Known, value: Any) -> bool:
    there, found = known
    if isinstance(found, list):
        return value in found or found == value or (value is None and not found)
    if value is None:
        return not there or found is None
    if isinstance(found, bool) != isinstance(value, bool):
        return False
    if found == value:
        return True
    instants = _instants(found, value)
    return instants is not None and instants[0] == instants[1]


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Known, Any], bool]:
    def holds(known: Known, value: Any) -> bool:
        there, found = known
        if not there:
            return False
        if _is_number(found) and _is_number(value):
            return compare(found, value)
        instants = _instants(found, value)
        if instants is not None:
            return compare(*instants)
        return isinstance(found, str) and isinstance(value, str) and compare(found, value)

    return holds


def _matches(known: Known, pattern: ClientPattern) -> bool:
    found: Sequence[Any] = known[1] if isinstance(known[1], list) else [known[1]]
    return any(isinstance(text, str) and pattern.found_in(text) for text in found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_number(value: Any) -> bool:
    return any(map(_is_number, value)) if isinstance(value, list) else _is_number(value)


def _instants(found: Any, value: Any) -> tuple[float, float] | None:
    """Both as seconds, if both are dates: ISO texts, with or without a zone."""
    if not (isinstance(found, str) and isinstance(value, str)):
        return None
    first, second = parse_instant(found), parse_instant(value)
    return None if first is None or second is None else (first, second)


_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "$gt": operators.gt,
    "$gte": operators.ge,
    "$lt": operators.lt,
    "$lte": operators.le,
}
_OPERATORS: dict[str, Callable[[Known, Any], bool]] = {
    "$eq": _equals,
    "$ne": lambda known, value: not _equals(known, value),
    **{name: _ordered(compare) for name, compare in _ORDERED.items()},
    "$in": lambda known, values: any(_equals(known, value) for value in values),
    "$nin": lambda known, values: not any(_equals(known, value) for value in values),
    "$exists": lambda known, value: known[0] is bool(value),
    "$regex": _matches,
}
