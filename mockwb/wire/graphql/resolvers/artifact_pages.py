"""Connections over artifact lists: pages that count, filters and orders."""

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from mockwb.backend.errors import InvalidError
from mockwb.backend.run_filter import MISSING, Known, parse_filter
from mockwb.wire.graphql.connections import Place, page

Item = TypeVar("Item")
Getters = Mapping[str, Callable[[Item], Any]]
"""What a list can be filtered and sorted by."""


def counted(
    items: Sequence[Item],
    place_of: Callable[[Item], Place],
    first: int | None,
    after: str | None,
    *,
    node_of: Callable[[Item], object] | None = None,
) -> dict[str, Any]:
    """A page (see `connections`), and how many items there are on all pages."""
    pages = page(items, place_of, first=first, after=after, node_of=node_of)
    return {**pages, "total_count": len(items)}


def counted_by_index(
    items: Sequence[Item | None], first: int | None, after: str | None
) -> dict[str, Any]:
    """A page of what only ever grows at its end; None stands for an item that is gone."""
    there = [(index, item) for index, item in enumerate(items) if item is not None]
    return counted(there, itemgetter(0), first, after, node_of=itemgetter(1))


def selected(
    items: Sequence[Item],
    number_of: Callable[[Item], int],
    getters: Getters[Item],
    *,
    filters: str | None,
    order: str | None,
    first: int | None,
    after: str | None,
    node_of: Callable[[Item], object] | None = None,
) -> dict[str, Any]:
    """A page of the items that pass `filters` (see `run_filter`), and how many pass.

    They are sorted by `order` (such as `-name`), those with the higher number first where it
    leaves a choice. InvalidError names what cannot be filtered or sorted by.
    """
    wanted = parse_filter(filters)
    name = order.lstrip("+-") if order else ""
    unknown = sorted({*wanted.keys, *([name] if name else [])} - getters.keys())
    if unknown:
        known = ", ".join(sorted(getters))
        raise InvalidError(f"cannot filter or sort by {unknown[0]!r}; known are {known}")
    descending = not order or order.startswith("-")

    def lookup_in(item: Item) -> Callable[[str], Known]:
        return lambda key: (True, getters[key](item)) if key in getters else MISSING

    def place_of(item: Item) -> tuple[str | float, ...]:
        number = number_of(item)
        return (getters[name](item) if name else 0, number if descending else -number)

    kept = [item for item in items if wanted.test(lookup_in(item))]
    kept.sort(key=place_of, reverse=descending)
    pages = page(kept, place_of, first=first, after=after, descending=descending, node_of=node_of)
    return {**pages, "total_count": len(kept)}
