import json
import math

from hypothesis import given
from hypothesis import strategies as st

from mockwb.sdkmodel.steady_lines import SteadyLines

BEGIN, WALL = 100.0, 1_767_225_600.0
FIELDS = {"loss": "0.#", "name": '"x"'}


def lines_of(interval: float = 0.5, **how: float) -> SteadyLines:
    lines = SteadyLines(interval=interval, fields=FIELDS, **how)
    lines.begin(BEGIN, WALL)
    return lines


def test_lines_arrive_at_the_interval_from_the_begin_on() -> None:
    lines = lines_of()
    assert [lines.arrival(i) for i in (0, 1, 9)] == [100.0, 100.5, 104.5]
    assert [lines.arrived(t) for t in (99.9, 100.0, 100.49, 100.5, 1000.0)] == [0, 1, 1, 2, 1801]


def test_the_first_line_may_come_later() -> None:
    lines = lines_of(delay=2.0)
    assert [lines.arrival(i) for i in (0, 1)] == [102.0, 102.5]
    assert [lines.arrived(t) for t in (101.9, 102.0)] == [0, 1]


@given(
    begin=st.floats(0, 1e6),
    interval=st.floats(0.001, 100.0),
    line=st.integers(0, 100_000),
)
def test_a_line_has_arrived_at_its_own_arrival(begin: float, interval: float, line: int) -> None:
    lines = SteadyLines(interval=interval, fields={})
    lines.begin(begin, WALL)
    assert lines.arrived(lines.arrival(line)) >= line + 1


def test_nothing_arrives_before_the_run_begins_or_after_it_stops() -> None:
    lines = SteadyLines(interval=1.0, fields=FIELDS)
    assert (lines.arrived(50.0), lines.arrival(0)) == (0, math.inf)
    lines.begin(BEGIN, WALL)
    lines.stop(103.5)
    assert (lines.arrived(1000.0), lines.arrival(4)) == (4, math.inf)


def test_a_line_carries_its_time_and_values_that_vary() -> None:
    texts = json.loads(f"[{lines_of().cut(0, 3, 10_000).encode()}]")
    rows = [json.loads(text) for text in texts]
    assert [row["_timestamp"] - WALL for row in rows] == [0.0, 0.5, 1.0]
    assert [row["_runtime"] for row in rows] == [0.0, 0.5, 1.0]
    assert len({row["loss"] for row in rows}) == 3
    assert set(rows[0]) == {"_timestamp", "_runtime", "loss", "name"}


@given(first=st.integers(0, 12_000), more=st.integers(1, 30))
def test_a_chunk_knows_its_size_without_being_written(first: int, more: int) -> None:
    chunk = lines_of(0.37).cut(first, first + more, 1_000_000)
    assert chunk.lines == more
    assert chunk.size == len(chunk.encode())


def test_a_chunk_keeps_to_its_size_but_takes_at_least_one_line() -> None:
    lines = lines_of()
    size = len(json.loads(lines.cut(0, 1, 1).encode()))
    assert lines.cut(0, 10, 3 * size).lines == 3
    assert lines.cut(0, 10, 0).lines == 1


def test_it_is_full_when_the_line_arrives_that_completes_the_size() -> None:
    lines = lines_of()
    size = len(json.loads(lines.cut(0, 1, 1).encode()))
    assert lines.full_at(0, 3 * size) == lines.arrival(2)
