import re

import msgspec
import pytest

from mockwb.clock import VirtualClock
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import Surroundings
from mockwb.yaml_file import FileError, decode, parse_yaml


def workload(text: str, length: str = "rows: 1") -> VirtualWorkload:
    document = parse_yaml(f"name: w\nkind: virtual\n{length}\n{text}", "s.yaml")
    return decode(document, VirtualWorkload)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("project: team/demo", ["team/demo"]),
        ("project: team/demo\nprojects: 3", ["team/demo-0", "team/demo-1", "team/demo-2"]),
        ("project: team-{i}/demo\nprojects: 2", ["team-0/demo", "team-1/demo"]),
        ("project: team-{i}/p{i}\nprojects: 2", ["team-0/p0", "team-1/p1"]),
        ("project: team/p{i}", ["team/p0"]),
    ],
)
def test_given_projects_then_clients_are_dealt_out_in_turn(text, paths) -> None:
    load = workload(f"count: 7\n{text}")
    assert [str(path) for path in load.project_paths] == paths
    assert [str(load.project_of(i)) for i in range(7)] == [paths[i % len(paths)] for i in range(7)]


def test_given_more_projects_than_clients_then_no_project_is_without_one() -> None:
    load = workload("project: team/demo\nprojects: 9\ncount: 2")
    assert [str(path) for path in load.project_paths] == ["team/demo-0", "team/demo-1"]


def test_given_a_virtual_workload_then_each_client_logs_to_its_own_project() -> None:
    load = workload("project: team/demo\nprojects: 2\ncount: 2")
    around = Surroundings("http://h", "k" * 40, VirtualClock(), "t")
    assert [load.client(around, i).run.name.project for i in (0, 1)] == ["demo-0", "demo-1"]


def test_given_random_starts_then_workloads_and_seeds_differ_and_a_rerun_does_not() -> None:
    load = workload("project: team/demo\nramp: {poisson: 1s}\ncount: 3")
    assert load.start_delay(2, seed=1) == load.start_delay(2, seed=1)
    assert load.start_delay(2, seed=1) != load.start_delay(2, seed=2)


def test_given_stages_that_do_not_fit_the_count_then_the_workload_is_refused() -> None:
    with pytest.raises(FileError, match="ramp: the last stage goes to 3 clients, and there are 5"):
        workload("project: a/b\ncount: 5\nramp: [{to: 3, for: 1s}]")


@pytest.mark.parametrize(
    ("pace", "rows"),
    [
        ("", 600),
        ("every: 3s", 200),
        ("rows_per_minute: 7", 70),
        ("every: 20m", 1),
        ("pattern: {burst: {rows: 50, every: 3m}}", 150),
    ],
)
def test_given_a_time_to_log_for_then_rows_are_those_of_the_pace(pace, rows) -> None:
    assert workload(f"project: a/b\n{pace}", "for: 10m").rows == rows


def test_given_a_time_then_a_copy_is_as_if_it_had_been_given_rows() -> None:
    load = workload("project: a/b", "for: 10m")
    assert load.duration is None
    assert msgspec.structs.replace(load, count=2).rows == 600


@pytest.mark.parametrize(
    ("length", "problem"),
    [
        ("rows: 5\nfor: 1m", "rows and for both say how much is logged; expected one of them"),
        ("", "rows and for are missing; expected one of them"),
        ("for: 1m\nevery: 0s", "for: expected rows instead, where all of them come at once"),
    ],
)
def test_given_no_one_length_then_the_workload_is_refused(length, problem) -> None:
    with pytest.raises(FileError, match=re.escape(problem)):
        workload("project: a/b", length)
