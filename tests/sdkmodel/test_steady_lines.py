import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.sdkmodel.steady_lines import SteadyLines

BEGIN, WALL = 100.0, 1_767_225_600.0


def rows_of(metrics: int = 2, **how: float) -> SteadyLines:
    lines = SteadyLines.of_metrics(metrics, **{"interval": 0.5, "count": 10, **how})
    lines.begin(BEGIN, WALL)
    return lines


def test_lines_arrive_at_the_interval_from_the_begin_on() -> None:
    lines = rows_of()
    assert [lines.arrival(i) for i in (0, 1, 9, 10)] == [100.0, 100.5, 104.5, math.inf]
    assert [lines.arrived(t) for t in (99.9, 100.0, 100.49, 100.5, 1000.0)] == [0, 1, 1, 2, 10]
    assert lines.last_arrival() == 104.5


@given(
    begin=st.floats(0, 1e6),
    interval=st.floats(0.001, 100.0),
    line=st.integers(0, 100_000),
)
def test_a_line_has_arrived_at_its_own_arrival(begin: float, interval: float, line: int) -> None:
    lines = SteadyLines.of_metrics(1, interval=interval)
    lines.begin(begin, WALL)
    assert lines.arrived(lines.arrival(line)) >= line + 1


def test_nothing_arrives_before_the_run_begins_or_after_it_stops() -> None:
    lines = SteadyLines.of_metrics(1, interval=1.0)
    assert (lines.arrived(50.0), lines.arrival(0)) == (0, math.inf)
    lines.begin(BEGIN, WALL)
    lines.stop(103.5)
    assert (lines.arrived(1000.0), lines.last_arrival()) == (4, 103.0)


def test_without_an_interval_all_lines_arrive_at_once() -> None:
    lines = rows_of(interval=0.0, count=7)
    assert lines.arrived(BEGIN) == 7
    assert lines.arrival(6) == BEGIN


def test_without_an_interval_and_a_count_there_is_no_end() -> None:
    with pytest.raises(ValueError, match="need a count"):
        SteadyLines.of_metrics(1, interval=0.0)


def test_a_row_carries_step_time_and_metrics_that_vary() -> None:
    lines = rows_of()
    rows = [json.loads(row) for row in json.loads(f"[{lines.cut(0, 3, 10_000).encode()}]")]
    assert [row["_step"] for row in rows] == [0, 1, 2]
    assert [row["_timestamp"] - WALL for row in rows] == [0.0, 0.5, 1.0]
    assert [row["_runtime"] for row in rows] == [0.0, 0.5, 1.0]
    assert len({row["metric_1"] for row in rows}) == 3
    assert set(rows[0]) == {"_step", "_timestamp", "_runtime", "metric_0", "metric_1"}


@given(first=st.integers(0, 12_000), more=st.integers(1, 30), numbered=st.booleans())
def test_a_chunk_knows_its_size_without_being_written(
    first: int, more: int, numbered: bool
) -> None:
    fields = {"loss": "0.#", "name": '"x"'}
    lines = SteadyLines(interval=0.37, fields=fields, numbered=numbered)
    lines.begin(BEGIN, WALL)
    chunk = lines.cut(first, first + more, 1_000_000)
    assert chunk.lines == more
    assert chunk.size == len(chunk.encode())


def test_a_chunk_keeps_to_its_size_but_takes_at_least_one_line() -> None:
    lines = rows_of()
    size = len(json.loads(lines.cut(0, 1, 1).encode()))
    assert lines.cut(0, 10, 3 * size).lines == 3
    assert lines.cut(0, 10, 0).lines == 1


def test_it_is_full_when_the_line_arrives_that_completes_the_size() -> None:
    lines = rows_of()
    size = len(json.loads(lines.cut(0, 1, 1).encode()))
    assert lines.full_at(0, 3 * size) == lines.arrival(2)
    assert lines.full_at(8, 3 * size) == math.inf


def test_values_are_metrics_times_rows() -> None:
    assert rows_of(metrics=3).values(100.5) == 6


@pytest.mark.parametrize(
    ("count", "runtime"), [(0, 0.0), (0, 12.5), (1, 0.9), (10, 9.0), (11, 10.0), (1001, 123456.7)]
)
def test_the_summary_s_sizes_are_known_without_writing_it(count: int, runtime: float) -> None:
    for lines in (rows_of(), SteadyLines(interval=1, fields={"a": '"#"'}, numbered=False)):
        summary = lines.summary(count, runtime)
        text = summary.write()
        assert (summary.size, summary.encoded_size) == (len(text), len(json.dumps(text)))


def test_the_summary_is_the_last_row_and_the_runtime() -> None:
    lines = rows_of()
    summary = json.loads(lines.summary(3, 1.9).write())
    assert (summary["_step"], summary["_wandb"]) == (2, {"runtime": 1})
    assert json.loads(lines.summary(0, 0.0).write()) == {"_wandb": {"runtime": 0}, "_runtime": 0}
