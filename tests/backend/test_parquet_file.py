import io
import json
import math
from typing import Any

import pytest

from mockwb.backend.parquet_file import parquet_file

parquet = pytest.importorskip("pyarrow.parquet")


def written(*rows: dict[str, Any]) -> dict[str, list[Any]] | None:
    """The columns of the file for these rows; None if there is none."""
    content = parquet_file([json.dumps(row) for row in rows])
    return None if content is None else parquet.read_table(io.BytesIO(content)).to_pydict()


def test_each_key_is_a_column_and_nested_keys_use_dots() -> None:
    image = {"_type": "image-file", "path": "p"}
    assert written(
        {"_step": 0, "loss": 1.5, "val": {"acc": 1, "deep": {"x": "s"}}},
        {"_step": 2, "loss": 2, "img": image, "ok": True, "list": [1, 2], "none": None},
    ) == {
        "_step": [0, 2],
        "loss": [1.5, 2.0],
        "val.acc": [1, None],
        "val.deep.x": ["s", None],
        "img": [None, image],
        "ok": [None, True],
        "list": [None, [1, 2]],
        "none": [None, None],
    }


def test_special_floats_are_numbers_again() -> None:
    found = written({"x": "NaN"}, {"x": "-Infinity"}, {"x": 1})
    assert found is not None
    assert math.isnan(found["x"][0])
    assert found["x"][1:] == [-math.inf, 1.0]


@pytest.mark.parametrize(
    "values",
    [
        [1, "text"],
        [True, 1],
        [[1], ["a"]],
        [1.5, 2**53 + 1],
        [2**64, 1],
        [{"_type": "a", "x": 1}, {"_type": "b"}],
    ],
)
def test_given_values_that_a_column_cannot_hold_exactly_then_there_is_no_file(
    values: list[Any],
) -> None:
    assert written(*[{"_step": step, "x": value} for step, value in enumerate(values)]) is None


def test_given_two_keys_of_one_name_in_a_row_then_there_is_no_file() -> None:
    assert written({"a.b": 1, "a": {"b": 2}}) is None
