"""Connections over artifact lists: pages that count, filters and orders."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from mockwb.backend.errors import InvalidError
from mockwb.backend.run_filter import MISSING, Known, parse_filter
from mockwb.wire.graphql.connections import page

Item = TypeVar("Item")
Getters = Mapping[str, Callable[[Item], Any]]
"""What a list can be filtered and sorted by."""


def counted(
    items: Sequence[Item],
    name_of: Callable[[Item], str],
    first: int | None,
    after: str | None,
) -> dict[str, Any]:
    """A page, and how many items there are on all pages."""
    return {**page(items, name_of, first=first, after=after), "total_count": len(items)}


def selected(
    items: Sequence[Item], filters: str | None, order: str | None, getters: Getters[Item]
) -> list[Item]:
    """The items that pass `filters` (see `run_filter`), sorted by `order` (such as `-name`).

    InvalidError names what cannot be filtered or sorted by.
    """
    wanted = parse_filter(filters)
    name = order.lstrip("+-") if order else ""
    unknown = sorted({*wanted.keys, *([name] if name else [])} - getters.keys())
    if unknown:
        known = ", ".join(sorted(getters))
        raise InvalidError(f"cannot filter or sort by {unknown[0]!r}; known are {known}")

    def lookup_in(item: Item) -> Callable[[str], Known]:
        return lambda key: (True, getters[key](item)) if key in getters else MISSING

    kept = [item for item in items if wanted.test(lookup_in(item))]
    if order:
        kept.sort(key=getters[name], reverse=order.startswith("-"))
    return kept
