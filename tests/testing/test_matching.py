"""What counts as the value that a test expects."""

import math
from typing import Any

import pytest

from mockwb.testing.matching import described, matches


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (1, 1.0),
        ("a", "a"),
        (..., None),
        (float("nan"), float("nan")),
        (pytest.approx(0.3), 0.1 + 0.2),
        (math.isfinite, 2),
        (lambda value: value > 1, 2),
        (float, 0.0),
        ({"a": ...}, {"a": 5}),
        ({"a": [1, ..., float("nan")]}, {"a": [1, 2, float("nan")]}),
        (pytest.approx([0.3]), [0.1 + 0.2]),
    ],
)
def test_given_a_value_as_expected_then_it_matches(expected: Any, value: Any) -> None:
    assert matches(expected, value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (1, 2),
        (float("nan"), "NaN"),
        (pytest.approx(0.3), 0.4),
        (math.isfinite, float("inf")),
        (float, "0.0"),
        ({"a": ...}, {"a": 5, "b": 6}),
        ({"a": 1}, "a"),
        ([1, 2], [1]),
        ([1], 1),
    ],
)
def test_given_another_value_then_it_does_not(expected: Any, value: Any) -> None:
    assert not matches(expected, value)


def test_given_anything_expected_then_it_is_put_into_words() -> None:
    assert described(...) == "anything"
    assert described(float) == "an instance of float"
    assert described(math.isfinite) == "a value for which isfinite holds"
    assert described([1, "a"]) == "[1, 'a']"
