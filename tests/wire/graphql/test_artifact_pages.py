from typing import NamedTuple

import pytest

from mockwb.wire.graphql.resolvers.artifact_pages import Getters, counted_by_index, selected


class Thing(NamedTuple):
    number: int
    size: int


GETTERS: Getters[Thing] = {"size": lambda thing: thing.size}
THINGS = [Thing(1, 20), Thing(2, 10), Thing(3, 20), Thing(4, 10)]


def numbers(
    things: list[Thing], order: str | None, first: int | None, after: str | None = None
) -> tuple[list[int], str | None]:
    """The numbers of the things on a page, and the cursor to go on from."""
    found = selected(
        things,
        lambda thing: thing.number,
        GETTERS,
        filters=None,
        order=order,
        first=first,
        after=after,
    )
    assert found["total_count"] == len(things)
    listed = [edge["node"].number for edge in found["edges"]]
    return listed, found["page_info"]["end_cursor"]


@pytest.mark.parametrize(
    ("order", "listed"),
    [(None, [4, 3, 2, 1]), ("+size", [4, 2, 3, 1]), ("-size", [3, 1, 4, 2])],
)
def test_pages_go_on_in_every_order_when_items_come_and_go(
    order: str | None, listed: list[int]
) -> None:
    seen, cursor = numbers(THINGS, order, 2)
    gone = seen[-1]
    changed = [thing for thing in THINGS if thing.number != gone]
    rest, _ = numbers(changed, order, None, cursor)
    assert seen + rest == listed
    # Bigger than all, and newer: where the list starts, if it starts with the biggest or newest.
    newer = [*changed, Thing(5, 30)]
    rest, _ = numbers(newer, order, None, cursor)
    assert seen + rest == ([*listed, 5] if order == "+size" else listed)


def test_a_list_that_only_grows_goes_on_where_it_was_though_items_are_gone() -> None:
    first = counted_by_index(["a", None, "b", "c"], 2, None)
    cursor = first["page_info"]["end_cursor"]
    second = counted_by_index([None, None, None, "c", "d"], None, cursor)
    assert [edge["node"] for edge in first["edges"]] == ["a", "b"]
    assert [edge["node"] for edge in second["edges"]] == ["c", "d"]
    assert (first["total_count"], second["total_count"]) == (3, 2)
