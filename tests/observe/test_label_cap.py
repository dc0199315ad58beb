import pytest

from mockwb.observe.label_cap import LabelCap


def test_given_room_then_a_name_is_its_own_label_and_stays_so() -> None:
    cap = LabelCap(2)
    assert [cap.claim("a"), cap.claim("b"), cap.claim("a")] == ["a", "b", "a"]


def test_given_no_room_left_then_newcomers_share_other_and_the_first_keep_theirs() -> None:
    cap = LabelCap(1)
    assert [cap.claim("a"), cap.claim("b"), cap.claim("c"), cap.claim("a")] == [
        "a",
        "other",
        "other",
        "a",
    ]
    assert cap.has("a")
    assert not cap.has("b")


def test_given_no_name_then_the_label_is_empty_and_takes_no_place() -> None:
    cap = LabelCap(1)
    assert [cap.claim(None), cap.claim(""), cap.claim("a")] == ["", "", "a"]


@pytest.mark.parametrize("name", ["x" * 257, "lone\ud800surrogate"])
def test_given_a_name_unfit_for_an_exposition_then_it_is_other_and_takes_no_place(
    name: str,
) -> None:
    cap = LabelCap(1)
    assert [cap.claim(name), cap.claim("a")] == ["other", "a"]
