from typing import Any

import pytest

from mockwb.content import Content, ContentDigest


def content(*rows: dict[str, Any]) -> Content:
    digest = ContentDigest()
    for row in rows:
        digest.add(row)
    return digest.content("team", "p", "r1")


def test_given_the_same_values_in_another_notation_then_the_digest_is_the_same() -> None:
    one = content({"_step": 0, "a": 1.0, "b": {"c": [2.0, "x"], "d": None}})
    assert one == content({"b": {"d": None, "c": [2, "x"]}, "a": 1, "_timestamp": 5.5})
    assert one.rows == 1


@pytest.mark.parametrize(
    "other",
    [
        [{"a": 1}, {"a": 3}],
        [{"a": 2}, {"a": 1}],
        [{"a": 1}],
        [{"a": 1}, {"a": 2}, {}],
        [{"a": 1}, {"a": "2"}],
        [{"a": 1}, {"b": 2}],
    ],
)
def test_given_anything_else_then_it_is_not(other: list[dict[str, Any]]) -> None:
    assert content({"a": 1}, {"a": 2}).digest != content(*other).digest
