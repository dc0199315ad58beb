"""How many items an answer lists."""

import pytest

from mockwb.wire.graphql.listed_items import count_items


@pytest.mark.parametrize(
    ("data", "items"),
    [
        (None, 0),
        ({"viewer": {"id": "x"}}, 0),
        ({"edges": []}, 0),
        ({"project": {"runs": {"edges": [{"node": {"id": 1}}, {"node": {"id": 2}}]}}}, 2),
        ({"edges": [{"node": {"files": [{"name": "a"}, {"name": "b"}], "tags": ["t"]}}]}, 4),
        ({"a": ["x", "y"], "b": ["z", None]}, 4),
        ({"sampled": [[{"loss": 1}, {"loss": 2}], [{"loss": 3}]]}, 3),
        ({"sampled": [[{"bins": [1, 2, 3]}]]}, 1),  # inside a row
        ({"sampled": [[[1, 2], 3], []]}, 3),
    ],
)
def test_given_lists_then_their_elements_count(data, items) -> None:
    assert count_items(data) == items


def test_given_an_answer_of_any_depth_then_it_is_counted() -> None:
    rows: list[object] = ["row"]
    for _ in range(100_000):
        rows = [rows]
    assert count_items({"rows": rows}) == 1
