import pytest

from mockwb.backend.errors import InvalidError
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
    assert nodes(["new", *NAMES], 2, cursor)[0] == ["c", "d"]


def test_a_page_goes_on_behind_an_item_that_is_gone() -> None:
    _, cursor = nodes(NAMES, 2, None)
    assert nodes(["a", "c", "d"], None, cursor)[0] == ["c", "d"]


def test_without_a_size_everything_comes() -> None:
    assert nodes(NAMES, None, None)[0] == NAMES


def test_an_empty_list_has_no_cursor() -> None:
    found = page([], str, first=5)
    assert found["edges"] == []
    assert found["page_info"]["end_cursor"] is None
    assert not found["page_info"]["has_next_page"]


@pytest.mark.parametrize("cursor", ["x", "Q3Vyc29y", "Q3Vyc29yOmE6Yg=="])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidError, match="is no cursor"):
        page(NAMES, str, after=cursor)
