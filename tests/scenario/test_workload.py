import pytest

from mockwb.clock import VirtualClock
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import Surroundings
from mockwb.yaml_file import FileError, decode, parse_yaml


def workload(text: str) -> VirtualWorkload:
    document = parse_yaml(f"name: w\nkind: virtual\nrows: 1\n{text}", "s.yaml")
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
