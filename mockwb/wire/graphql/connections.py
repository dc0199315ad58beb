"""Relay-style pages over lists: edges with cursors, and where the page lies."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id, node_parts

T = TypeVar("T")


def page(
    items: Sequence[T],
    name_of: Callable[[T], str],
    *,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The first `first` items (None: all) behind the one that the cursor `after` names.

    Cursors name an item and its place, so that new items do not shift the pages, and a page can
    go on behind an item that is gone. InvalidError for a cursor that is none.
    """
    start = _behind(items, name_of, after) if after else 0
    stop = len(items) if first is None else min(len(items), start + max(0, first))
    edges = [
        {"node": items[i], "cursor": node_id("Cursor", i, name_of(items[i]))}
        for i in range(start, stop)
    ]
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


def _behind(items: Sequence[T], name_of: Callable[[T], str], cursor: str) -> int:
    parts = node_parts("Cursor", cursor)
    if parts is None or len(parts) < 2 or not parts[0].isdigit():
        raise InvalidError(f"{cursor!r} is no cursor")
    place, name = int(parts[0]), ":".join(parts[1:])
    for number, item in enumerate(items):
        if name_of(item) == name:
            return number + 1
    return place
