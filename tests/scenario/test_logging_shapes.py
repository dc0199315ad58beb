"""What a scenario says of shapes, held against what the watch on W&B's guidance counts."""

import json
from typing import Any

import pytest

from mockwb.backend.row_facts import RowFacts
from mockwb.clock import VirtualClock
from mockwb.observe.guidance.ranges import RANGES
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.record import Ingested
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.shaped_lines import ShapedLines
from mockwb.yaml_file import convert
from tests.observe.records import streamed

WALL = 1_767_225_600.0


def load_of(**given: Any) -> VirtualWorkload:
    data = {"kind": "virtual", "name": "w", "project": "team/p", "rows": 600, **given}
    return convert(data, VirtualWorkload)


def lines_of(load: VirtualWorkload, index: int = 0, begins: float = 0.0) -> ShapedLines:
    around = Surroundings("", "", VirtualClock(), "t", started_at=WALL)
    pace = load.pace(index, around)
    lines = ShapedLines(load.shape(), pace, count=load.rows, client=index)
    lines.begin(begins, WALL + begins)
    return lines


def peaks(load: VirtualWorkload, seconds: float) -> dict[str, float]:
    """Range -> the most there was in the project, if all clients log for so long."""
    limits = {range_.name: 1e12 for range_ in RANGES}
    watch = GuidanceWatch(limits, VirtualClock(), max_projects=10, max_runs=1000)
    for index in range(load.count):
        lines = lines_of(load, index)
        rows = json.loads(f"[{lines.cut(0, lines.arrived(seconds), 10**9).encode()}]")
        logged = RowFacts(rows, 0, "wandb-history.jsonl").of_all()
        assert logged.points == lines.values(seconds)
        watch.saw(streamed(f"r{index}", ingested=Ingested(rows=len(rows), logged=logged)))
    return watch.query().projects[0].peaks


def test_rows_per_minute_times_values_is_what_a_minute_holds():
    load = load_of(
        rows_per_minute=90, metrics=5, values={"nested": 12, "histograms": {"every": 10}}
    )
    counted = peaks(load, 119.9)
    assert counted["rows_per_minute"] == 90
    assert counted["values_per_minute"] == 90 * 17 + 9
    assert counted["metrics_per_project"] == 18


def test_clients_of_one_project_add_up():
    counted = peaks(load_of(count=7, every="2s", metrics=3, values={"lists": 2}), 119.9)
    assert counted["rows_per_minute"] == 7 * 30
    assert counted["values_per_minute"] == 7 * 30 * 5
    assert counted["metrics_per_project"] == 5


@pytest.mark.parametrize(("per_client", "factor"), [(False, 1), (True, 3)])
def test_new_keys_grow_the_cardinality(per_client, factor):
    keys = {"count": 2, "every": 3, "per_client": per_client}
    counted = peaks(load_of(count=3, values={"new_keys": keys}), 1000)
    assert counted["metrics_per_project"] == 1 + factor * 2 * 200


def test_bursts_bring_their_rows_at_once():
    load = load_of(pattern={"burst": {"rows": 50, "every": "30s"}})
    assert [lines_of(load).arrived(t) for t in (0, 29.9, 30)] == [50, 50, 100]
    assert peaks(load, 119.9)["rows_per_minute"] == 100


def test_videos_come_to_their_megabytes_per_minute():
    load = load_of(rows_per_minute=60, values={"videos": {"size": "5MB", "every": 10}})
    assert peaks(load, 119.9)["video_per_minute"] == 30e6


def test_large_values_have_their_size():
    load = load_of(values={"strings": {"size": "20kB", "every": 2}}, rows=4)
    counted = peaks(load, 10)
    assert counted["value_size"] == 20_000 + len('""')
    assert 20_000 < counted["log_call_size"] < 20_200


def test_stragglers_are_the_share_of_clients_that_log_slower():
    load = load_of(count=8, pattern={"stragglers": {"share": 0.25, "factor": 4}})
    rows = sorted(lines_of(load, index).arrived(59.9) for index in range(8))
    assert rows == [15] * 2 + [60] * 6
    assert load.logging_seconds == 2400


def test_few_clients_may_have_no_straggler():
    load = load_of(count=3, pattern={"stragglers": {"share": 0.25}})
    assert [lines_of(load, index).arrived(59.9) for index in range(3)] == [60] * 3
    assert load.logging_seconds == 600


def test_synchronised_clients_log_at_the_same_moments_whenever_they_begin():
    load = load_of(count=3, every="2s", pattern={"synchronised": True, "jitter": "500ms"})
    early, late = lines_of(load, 0), lines_of(load, 1, begins=7.3)
    moments = [early.arrival(row) for row in range(10)]
    assert 0 <= early.arrival(0) <= 0.5
    assert [late.arrival(row) for row in range(6)] == pytest.approx(moments[4:], abs=1e-6)


def test_of_synchronised_clients_the_slowest_sets_the_pace():
    pattern = {"synchronised": True, "stragglers": {"share": 0.5, "factor": 3}}
    load = load_of(count=2, every="2s", pattern=pattern)
    assert [lines_of(load, index).arrived(59.9) for index in range(2)] == [10, 10]


def test_jitter_is_each_client_s_own_and_keeps_the_pace():
    load = load_of(count=2, pattern={"jitter": "1s"})
    first, second = lines_of(load, 0), lines_of(load, 1)
    lates = [[lines.arrival(row) - row for row in range(600)] for lines in (first, second)]
    assert lates[0] != lates[1]
    assert all(0 <= late < 1 for late in lates[0] + lates[1])
    assert 60 <= peaks(load, 120)["rows_per_minute"] / 2 <= 61


def test_the_same_scenario_logs_the_same_at_the_same_times_again():
    pattern = {"jitter": "500ms", "stragglers": {"share": 0.2}}
    again = [
        [(lines.arrival(row), lines.cut(row, row + 1, 1).encode()) for row in range(20)]
        for lines in (lines_of(load_of(count=5, pattern=pattern), 4) for _ in range(2))
    ]
    assert again[0] == again[1]


def test_rows_that_the_sdk_would_drop_are_a_bad_start():
    load = load_of(values={"strings": {"size": "11MB"}})
    with pytest.raises(StartError, match="w: a row comes to 11MB; the SDK drops rows of more than"):
        load.client(Surroundings("", "k" * 40, VirtualClock(), "t"), 0)


def test_the_pace_is_told_for_advice_about_limits():
    assert load_of(rows_per_minute=2).request_rate == pytest.approx(1 / 30)
    assert load_of(every="1s").request_rate == pytest.approx(1 / 15)
    assert load_of(pattern={"burst": {"rows": 7, "every": "1m"}}).logging_seconds == 86 * 60
