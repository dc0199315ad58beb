import json

import pytest

from mockwb.backend.number_rows import NumberRows

ROW = {"_step": 1, "train/loss": 0.5}


@pytest.fixture
def numbers() -> NumberRows:
    learnt = NumberRows()
    learnt.learn(ROW)
    return learnt


def test_rows_with_the_keys_learnt_come_as_columns(numbers: NumberRows) -> None:
    lines = [json.dumps(ROW), json.dumps({"train/loss": 2, "_step": 3})]
    found = numbers.columns(lines)
    assert found is not None
    names, columns = found
    assert dict(zip(names, columns, strict=True)) == {"_step": (1, 3), "train/loss": (0.5, 2)}


@pytest.mark.parametrize(
    "other",
    [{}, {"_step": 2}, ROW | {"more": 1}, ROW | {"_step": None}, ROW | {"_step": True}]
    + [ROW | {"train/loss": value} for value in ("NaN", [1], {"x": 1})],
)
def test_given_any_other_row_then_there_are_no_columns(
    numbers: NumberRows, other: dict[str, object]
) -> None:
    assert numbers.columns([json.dumps(ROW), json.dumps(other)]) is None


def test_given_nothing_learnt_or_a_row_of_other_things_then_there_are_no_columns() -> None:
    numbers = NumberRows()
    assert numbers.columns([json.dumps(ROW)]) is None
    numbers.learn({"_step": 1, "text": "a"})
    assert numbers.columns([json.dumps({"_step": 1, "text": "a"})]) is None


def test_given_many_kinds_of_rows_then_only_some_are_learnt(numbers: NumberRows) -> None:
    for number in range(100):
        numbers.learn({f"key{number}": 1})
    assert numbers.columns([json.dumps({"key99": 1})]) is None
