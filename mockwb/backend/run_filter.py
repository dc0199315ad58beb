"""Filters of run lists: the MongoDB-like grammar of `Api.runs(filters=...)`.

A filter is parsed once into tests over what is known of a run (see `run_facts`).
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from mockwb.backend.errors import InvalidError
from mockwb.backend.instants import parse_instant

Known = tuple[bool, Any]
"""(whether the run has the key, its value)"""
Lookup = Callable[[str], Known]
Test = Callable[[Lookup], bool]

MISSING: Known = (False, None)


class RunFilter(NamedTuple):
    """A parsed filter."""

    test: Test
    keys: frozenset[str]
    """Every key that it may look up."""


def parse_filter(text: str | None) -> RunFilter:
    """The filter in a JSON text; None and "" match every run. InvalidError if it is none."""
    if not text:
        return RunFilter(lambda _lookup: True, frozenset())
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"filters are not valid JSON: {error}") from error
    keys: set[str] = set()
    return RunFilter(_parse(tree, keys), frozenset(keys))


def _parse(tree: object, keys: set[str]) -> Test:
    if not isinstance(tree, dict):
        raise InvalidError(f"filters: expected an object, got {tree!r}")
    tests = [_parse_entry(key, value, keys) for key, value in tree.items()]
    return lambda lookup: all(test(lookup) for test in tests)


def _parse_entry(key: str, value: Any, keys: set[str]) -> Test:
    if not key.startswith("$"):
        keys.add(key)
        return _parse_condition(key, value)
    if key == "$not":
        inner = _parse(value, keys)
        return lambda lookup: not inner(lookup)
    if key not in ("$and", "$or", "$nor"):
        raise InvalidError(f"filters: unknown operator {key}")
    if not isinstance(value, list):
        raise InvalidError(f"filters: {key} takes a list, got {value!r}")
    tests = [_parse(item, keys) for item in value]
    if key == "$and":
        return lambda lookup: all(test(lookup) for test in tests)
    if key == "$or":
        # The app and report tools write {"$or": []} for "no filter".
        return lambda lookup: not tests or any(test(lookup) for test in tests)
    return lambda lookup: not any(test(lookup) for test in tests)


def _parse_condition(key: str, condition: Any) -> Test:
    if not isinstance(condition, dict):
        return _comparison(key, "$eq", condition)
    tests = [_comparison(key, operator, value) for operator, value in condition.items()]
    return lambda lookup: all(test(lookup) for test in tests)


def _comparison(key: str, operator: str, value: Any) -> Test:
    if operator == "$not":
        inner = _parse_condition(key, value)
        return lambda lookup: not inner(lookup)
    if operator not in _OPERATORS:
        raise InvalidError(f"filters: unknown operator {operator} for {key}")
    if operator in ("$in", "$nin") and not isinstance(value, list):
        raise InvalidError(f"filters: {operator} takes a list, got {value!r}")
    if operator == "$regex":
        value = _pattern(value)
    holds = _OPERATORS[operator]
    return lambda lookup: holds(lookup(key), value)


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        return re.compile(value)
    except (re.error, TypeError) as error:
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


def _matches(known: Known, pattern: re.Pattern[str]) -> bool:
    found: Sequence[Any] = known[1] if isinstance(known[1], list) else [known[1]]
    return any(isinstance(text, str) and pattern.search(text) for text in found)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _instants(found: Any, value: Any) -> tuple[float, float] | None:
    """Both as seconds, if both are dates: ISO texts, with or without a zone."""
    if not (isinstance(found, str) and isinstance(value, str)):
        return None
    first, second = parse_instant(found), parse_instant(value)
    return None if first is None or second is None else (first, second)


_OPERATORS: dict[str, Callable[[Known, Any], bool]] = {
    "$eq": _equals,
    "$ne": lambda known, value: not _equals(known, value),
    "$gt": _ordered(lambda a, b: a > b),
    "$gte": _ordered(lambda a, b: a >= b),
    "$lt": _ordered(lambda a, b: a < b),
    "$lte": _ordered(lambda a, b: a <= b),
    "$in": lambda known, values: any(_equals(known, value) for value in values),
    "$nin": lambda known, values: not any(_equals(known, value) for value in values),
    "$exists": lambda known, value: known[0] is bool(value),
    "$regex": _matches,
}
