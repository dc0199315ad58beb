import json
import math

from mockwb.sdkmodel.lines import LoggedLines


def test_rows_come_out_in_order_and_once() -> None:
    lines = LoggedLines()
    for i in range(5):
        assert lines.log(float(i), {"loss": i})
    first = lines.cut(0, 3, 10_000)
    second = lines.cut(3, 5, 10_000)
    rows = json.loads(f"[{first.encode()},{second.encode()}]")
    assert [json.loads(row) for row in rows] == [{"loss": i} for i in range(5)]


def test_a_chunk_keeps_to_its_size_but_takes_at_least_one_line() -> None:
    lines = LoggedLines()
    for _ in range(3):
        lines.log(0.0, {"text": "x" * 89})  # 100 bytes a line
    assert lines.cut(0, 3, 200).lines == 2
    assert lines.cut(2, 3, 10).lines == 1


def test_a_chunk_says_its_own_size() -> None:
    lines = LoggedLines()
    lines.log(0.0, {"name": 'quotes " and umlauts ü', "value": math.nan})
    chunk = lines.cut(0, 1, 10_000)
    assert chunk.size == len(chunk.encode().encode())


def test_what_is_not_a_number_is_written_as_the_sdk_does() -> None:
    lines = LoggedLines()
    lines.log(0.0, {"a": math.nan, "b": -math.inf})
    assert json.loads(lines.cut(0, 1, 1000).encode()) == '{"a":NaN,"b":-Infinity}'


def test_a_line_that_is_too_long_is_dropped_and_not_counted() -> None:
    lines = LoggedLines(max_line_size=20)
    assert not lines.log(0.0, {"text": "x" * 20})
    assert lines.log(1.0, {"a": 1})
    assert (lines.arrived(1.0), lines.arrival(0), lines.values(1.0)) == (1, 1.0, 1)


def test_values_are_counted_in_nested_dicts_without_the_sdk_s_own() -> None:
    lines = LoggedLines()
    lines.log(0.0, {"_step": 0, "loss": 1.0, "val": {"loss": 2.0, "top": {"k": 5}}})
    assert lines.values(0.0) == 3


def test_the_summary_holds_the_last_value_of_each_key() -> None:
    lines = LoggedLines()
    lines.log(0.0, {"a": 1, "b": 1})
    lines.log(1.0, {"a": 2})
    summary = json.loads(lines.summary(2, 7.5).write())
    assert summary == {"a": 2, "b": 1, "_runtime": 7.5, "_wandb": {"runtime": 7}}


def test_it_is_full_when_its_lines_come_to_the_size_asked_for() -> None:
    lines = LoggedLines()
    lines.log(1.0, {"a": 1})  # 7 bytes
    assert lines.full_at(0, 8) == math.inf
    lines.log(2.0, {"a": 2})
    assert lines.full_at(0, 8) == 2.0
