"""Relay-style pages over lists: edges with cursors, and where the page lies."""

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id, node_parts

T = TypeVar("T")
Place = str | float | tuple[str | float, ...]
"""What a list is in order of; no two of its items have the same."""


def page(
    items: Sequence[T],
    place_of: Callable[[T], Place],
    *,
    first: int | None = None,
    after: str | None = None,
    descending: bool = False,
    node_of: Callable[[T], object] | None = None,
) -> dict[str, Any]:
    """The first `first` items (None: all) behind the place that the cursor `after` holds.

    `items` are in order of place, or in the reverse order if it is `descending`. A cursor holds
    the place that its item had when the page was made. So pages neither repeat nor skip items that
    stay where they are, whatever comes, goes or moves in between, the cursor's own item included.
    Nodes are the items, or what `node_of` makes of them. InvalidError for a cursor that is none.
    """
    start = _behind(items, place_of, after, descending) if after else 0
    stop = len(items) if first is None else min(len(items), start + max(0, first))
    edges = []
    for number in range(start, stop):
        item = items[number]
        node = item if node_of is None else node_of(item)
        edges.append({"node": node, "cursor": node_id("Cursor", json.dumps(place_of(item)))})
    return connection(edges, has_next=stop < len(items), has_previous=start > 0)


def connection(
    edges: list[dict[str, Any]], *, has_next: bool = False, has_previous: bool = False
) -> dict[str, Any]:
    """The edges and their `pageInfo`."""
    return {
        "edges": edges,
        "page_info": {
            "has_next_page": has_next,
            "has_previous_page": has_previous,
            "start_cursor": edges[0]["cursor"] if edges else None,
            "end_cursor": edges[-1]["cursor"] if edges else None,
        },
    }


def _behind(
    items: Sequence[T], place_of: Callable[[T], Place], cursor: str, descending: bool
) -> int:
    held: Any = _place(cursor)

    def is_behind(number: int) -> bool:
        place: Any = place_of(items[number])
        return bool(place < held if descending else place > held)

    stop = 1
    try:
        # Lists are made as they are read, and most cursors lie near the start.
        while stop < len(items) and not is_behind(stop):
            stop *= 2
        return bisect_left(range(len(items)), True, stop // 2, min(stop, len(items)), key=is_behind)
    except TypeError as error:
        raise InvalidError(f"{cursor!r} is no cursor of this list") from error


def _place(cursor: str) -> Any:
    """What the cursor holds; whether that is a place in the list shows when it is compared."""
    try:
        place = json.loads(":".join(node_parts("Cursor", cursor) or ()))
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"{cursor!r} is no cursor") from error
    return tuple(place) if isinstance(place, list) else place
