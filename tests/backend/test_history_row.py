import math

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.history_row import parse_row


def test_rows_with_special_floats_are_understood() -> None:
    row = parse_row('{"a": NaN, "b": -Infinity, "c": 1.795e+09}')
    assert math.isnan(row["a"])
    assert row["b"] == -math.inf
    assert row["c"] == 1.795e9


@pytest.mark.parametrize("line", ["", "{", "[1]", "3", '"text"', "nan", "[" * 100_000])
def test_a_line_that_is_no_object_is_refused(line: str) -> None:
    with pytest.raises(InvalidError):
        parse_row(line)
