import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id
from mockwb.wire.graphql.connections import page

NAMES = ["a", "b:x", "c", "d"]


def nodes(names: list[str], first: int | None, after: str | None) -> tuple[list[str], str | None]:
    """The nodes of a page, and the cursor to go on from, which its last edge agrees with."""
    found = page(names, str, first=first, after=after)
    last = found["edges"][-1]
    assert found["page_info"]["end_cursor"] == last["cursor"]
    assert found["page_info"]["has_next_page"] is (last["node"] != names[-1])
    return [edge["node"] for edge in found["edges"]], last["cursor"]


def test_pages_go_on_behind_the_last_cursor() -> None:
    first, cursor = nodes(NAMES, 2, None)
    second, _ = nodes(NAMES, 2, cursor)
    assert (first, second) == (["a", "b:x"], ["c", "d"])


def test_new_items_do_not_shift_the_next_page() -> None:
    _, cursor = nodes(NAMES, 2, None)
    assert nodes(["a0", *NAMES], 2, cursor)[0] == ["c", "d"]


def test_a_page_goes_on_behind_an_item_that_is_gone_whatever_came_before_it() -> None:
    _, cursor = nodes(NAMES, 2, None)
    assert nodes(["a", "c", "d"], None, cursor)[0] == ["c", "d"]
    assert nodes(["0", "1", "a", "c", "d"], None, cursor)[0] == ["c", "d"]
    assert nodes(["d"], None, cursor)[0] == ["d"]


def test_a_list_may_descend() -> None:
    asked = {"first": 2, "descending": True}
    first = page([5, 4, 3, 1], int, **asked)
    second = page([7, 6, 5, 3, 2, 1], int, after=first["page_info"]["end_cursor"], **asked)
    listed = [edge["node"] for found in (first, second) for edge in found["edges"]]
    assert listed == [5, 4, 3, 2]


def test_nodes_may_be_made_of_the_items() -> None:
    found = page(NAMES, str, first=1, node_of=str.upper)
    assert [edge["node"] for edge in found["edges"]] == ["A"]
    assert nodes(NAMES, 1, found["page_info"]["end_cursor"])[0] == ["b:x"]


@given(
    items=st.lists(st.integers(0, 40), unique=True).map(sorted),
    others=st.sets(st.integers(0, 40)),
    first=st.integers(1, 5),
)
def test_the_next_page_is_what_lies_behind_the_last_place(
    items: list[int], others: set[int], first: int
) -> None:
    found = page(items, int, first=first)
    if not found["edges"]:
        return
    place = items[: len(found["edges"])][-1]
    later = page(sorted(others), int, after=found["page_info"]["end_cursor"])
    assert [edge["node"] for edge in later["edges"]] == sorted(n for n in others if n > place)


def test_without_a_size_everything_comes() -> None:
    assert nodes(NAMES, None, None)[0] == NAMES


def test_an_empty_list_has_no_cursor() -> None:
    found = page([], str, first=5)
    assert found["edges"] == []
    assert found["page_info"]["end_cursor"] is None
    assert not found["page_info"]["has_next_page"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "Q3Vyc29y", "Q3Vyc29yOmE6Yg==", node_id("Cursor", "[" * 100_000), node_id("Run", '"a"')],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidError, match="is no cursor"):
        page(NAMES, str, after=cursor)


@pytest.mark.parametrize("place", ["3", "null", '["a"]', "{}"])
def test_a_cursor_of_another_list_is_refused(place: str) -> None:
    with pytest.raises(InvalidError, match="is no cursor of this list"):
        page(NAMES, str, after=node_id("Cursor", place))
