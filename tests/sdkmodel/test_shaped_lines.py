import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.shaped_lines import MediaFiles, ShapedLines
from tests.sdkmodel.test_logging_shape import RICH

BEGIN, WALL = 100.0, 1_767_225_600.0
PLAIN = Shape({"metrics": 2})
SHAPES = {"plain": PLAIN, "rich": Shape(RICH)}


def lines_of(shape: Shape = PLAIN, pace: Pace | None = None, count: float = 10) -> ShapedLines:
    lines = ShapedLines(shape, pace or Pace(0.5), count=count)
    lines.begin(BEGIN, WALL)
    return lines


def rows_in(lines: ShapedLines, first: int, stop: int) -> list[dict]:
    return [json.loads(row) for row in json.loads(f"[{lines.cut(first, stop, 10**9).encode()}]")]


def test_rows_arrive_at_their_pace_from_the_begin_on() -> None:
    lines = lines_of()
    assert [lines.arrival(i) for i in (0, 1, 9, 10)] == [100.0, 100.5, 104.5, math.inf]
    assert [lines.arrived(t) for t in (99.9, 100.0, 100.49, 100.5, 1000.0)] == [0, 1, 1, 2, 10]
    assert lines.values(100.5) == 4
    assert lines.last_arrival() == 104.5


def test_without_a_period_all_rows_arrive_at_once() -> None:
    lines = lines_of(pace=Pace(0.0), count=7)
    assert (lines.arrived(BEGIN), lines.arrival(6)) == (7, BEGIN)


@given(begin=st.floats(0, 1e6), period=st.floats(0.001, 100.0), row=st.integers(0, 100_000))
def test_a_row_has_arrived_at_its_own_arrival(begin: float, period: float, row: int) -> None:
    lines = ShapedLines(PLAIN, Pace(period))
    lines.begin(begin, WALL)
    assert lines.arrived(lines.arrival(row)) >= row + 1


def test_rows_are_the_shape_s_with_step_and_time():
    lines = lines_of(SHAPES["rich"], Pace(2.0, burst=3))
    for number, row in enumerate(rows_in(lines, 0, 10)):
        assert row.pop("_step") == number
        assert row.pop("_timestamp") - WALL == row.pop("_runtime") == number // 3 * 2.0
        assert row == SHAPES["rich"].row(number, client=0)


@pytest.mark.parametrize("shape", SHAPES)
@given(first=st.integers(0, 12_000), more=st.integers(1, 30))
def test_a_chunk_knows_its_size_without_being_written(shape, first, more):
    lines = lines_of(SHAPES[shape], count=math.inf)
    chunk = lines.cut(first, first + more, 1_000_000)
    assert chunk.lines == more
    assert chunk.size == len(chunk.encode())
    assert chunk.values == lines.shape.values(first + more) - lines.shape.values(first)


@pytest.mark.parametrize("shape", SHAPES)
@given(count=st.integers(0, 2000), runtime=st.floats(0, 1e6))
def test_a_summary_knows_its_sizes_without_being_written(shape, count, runtime):
    summary = lines_of(SHAPES[shape], count=math.inf).summary(count, runtime)
    text = summary.write()
    assert (summary.size, summary.encoded_size) == (len(text), len(json.dumps(text)))


@pytest.mark.parametrize("shape", SHAPES)
@given(first=st.integers(0, 1200), size=st.integers(0, 20_000))
def test_a_chunk_takes_all_that_fits_but_at_least_one_row(shape, first, size):
    lines = lines_of(SHAPES[shape], count=math.inf)
    sizes = [len(row) for row in json.loads(f"[{lines.cut(first, first + 200, 10**9).encode()}]")]
    fits = sum(1 for n in range(1, 201) if sum(sizes[:n]) <= size)
    assert lines.cut(first, first + 200, size).lines == max(1, fits)
    full = next((n for n in range(200) if sum(sizes[: n + 1]) >= size), None)
    assert full is None or lines.full_at(first, size) == lines.arrival(first + full)


def test_what_never_gets_full_says_so():
    lines = lines_of(count=10)
    size = len(json.loads(lines.cut(0, 1, 1).encode()))
    assert lines.full_at(0, 10 * size) == lines.arrival(9)
    assert lines.full_at(0, 10 * size + 1) == math.inf
    assert lines.full_at(10, 1) == math.inf


def test_nothing_arrives_before_the_run_begins_or_after_it_stops():
    lines = ShapedLines(PLAIN, Pace(1.0))
    assert (lines.arrived(50.0), lines.arrival(0), lines.last_arrival()) == (0, *[math.inf] * 2)
    lines.begin(BEGIN, WALL)
    lines.stop(103.5)
    assert (lines.arrived(1000.0), lines.last_arrival()) == (4, 103.0)


def test_on_a_grid_rows_of_whoever_begins_when_come_at_the_same_moments():
    moments = []
    for late in (0.0, 0.3, 7.9):
        lines = ShapedLines(PLAIN, Pace(2.0, grid=WALL), count=3)
        lines.begin(BEGIN + late, WALL + late)
        moments += [lines.arrival(i) for i in range(3)]
    assert moments == pytest.approx([100, 102, 104, 102, 104, 106, 108, 110, 112])


def test_the_summary_has_the_latest_of_each_key_and_all_new_keys():
    lines = lines_of(SHAPES["rich"], count=100)
    logged: dict = {}
    for row in rows_in(lines, 0, 24):
        logged.update(row)
    summary = json.loads(lines.summary(24, 11.7).write())
    assert summary.pop("_wandb") == {"runtime": 11}
    assert summary == logged
    assert sum(key.startswith("new_") for key in summary) == 12


def test_without_rows_the_summary_is_the_runtime():
    summary = json.loads(lines_of().summary(0, 1.2).write())
    assert summary == {"_wandb": {"runtime": 1}, "_runtime": 1}


def test_media_files_are_there_with_their_rows_each_once():
    lines = lines_of(SHAPES["rich"], Pace(1.0), count=9)
    files = MediaFiles(lines)
    assert files.next_at() == 100.0
    first = files.take(102.0)
    assert [file.name.rsplit("_", 1)[0] for file in first] == [
        "media/images/image_0_0",
        "media/images/image_1_0",
        "media/videos/video_0_0",
    ]
    assert {file.name for file in first} == {
        value["path"]
        for value in rows_in(lines, 0, 1)[0].values()
        if isinstance(value, dict) and "path" in value
    }
    assert [(len(file.content.encode()), file.content.size) for file in first] == [
        *((300, 300), (300, 300)),
        (500, 500),
    ]
    assert files.next_at() == 105.0
    assert [len(files.take(t)) for t in (105.0, 106.0, 107.0)] == [2, 0, 1]
    assert files.next_at() == math.inf


def test_without_a_pause_there_has_to_be_a_count():
    with pytest.raises(ValueError, match="need a count"):
        ShapedLines(PLAIN, Pace(0.0))
