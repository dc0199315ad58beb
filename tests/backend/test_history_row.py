import math

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.history_row import MAX_DEPTH, count_points, count_values, parse_row


@pytest.mark.parametrize(
    ("row", "values"),
    [
        ({}, 0),
        ({"_step": 1, "_timestamp": 2, "_runtime": 3}, 0),
        ({"_step": 1, "a": 1, "b": "text"}, 2),
        ({"a": {"b": 1, "c": {"d": 1, "e": 2}}}, 3),
        ({"image": {"_type": "image-file", "path": "p", "size": 3}}, 1),
        ({"a": {"image": {"_type": "image-file", "path": "p"}, "x": 1}}, 2),
        ({"list": [1, 2, 3]}, 1),
        ({"empty": {}}, 0),
        ({"_step": 1, "_type": "a metric of that name", "a": {"b": 1, "c": 2}}, 3),
    ],
)
def test_values_are_counted_as_wandb_counts_logged_points(
    row: dict[str, object], values: int
) -> None:
    assert count_values(row) == values


def test_rows_with_special_floats_are_understood() -> None:
    row = parse_row('{"a": NaN, "b": -Infinity, "c": 1.795e+09}')
    assert math.isnan(row["a"])
    assert row["b"] == -math.inf
    assert row["c"] == 1.795e9


@pytest.mark.parametrize("line", ["", "{", "[1]", "3", '"text"', "nan", "[" * 100_000])
def test_a_line_that_is_no_object_is_refused(line: str) -> None:
    with pytest.raises(InvalidError):
        parse_row(line)


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


def test_dicts_may_be_nested_as_deep_as_readers_can_follow() -> None:
    assert count_points(nested(MAX_DEPTH)) == 1


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 700, 100_000])
def test_rows_nested_too_deeply_are_refused(depth: int) -> None:
    with pytest.raises(InvalidError, match="nested"):
        count_points(nested(depth))
