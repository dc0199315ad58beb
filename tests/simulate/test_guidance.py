from typing import Any

import pytest

from mockwb.guidance import Finding
from mockwb.scenario.runner import Run
from mockwb.scenario.timeline.outages import Kill
from mockwb.scenario.values import Values
from mockwb.simulate import play as playing
from mockwb.units import Duration
from mockwb.yaml_file import convert
from tests.simulate.scenes import fleet, play, quick


def held(**values: Any) -> Values:
    return convert(values, Values)


def left(run: Run) -> dict[tuple[str, str | None], Finding]:
    assert run.guidance is not None
    return {(finding.range, finding.run): finding for finding in run.guidance}


def test_given_more_rows_a_minute_than_recommended_then_the_project_is_named_with_how_many() -> (
    None
):
    guidance = {"rows_per_minute": 100, "values_per_minute": "unlimited"}
    run = play(fleet(count=2, rows=90), server={"guidance": guidance})
    ((where, finding),) = left(run).items()
    assert where == ("rows_per_minute", None)
    assert (finding.project, finding.peak) == ("vision", 120)
    assert [account.guidance for account in run.account.runs] == [[], []]


def test_given_metrics_of_changing_names_then_each_counts_once() -> None:
    values = held(new_keys={"count": 2, "per_client": True}, nested={"count": 3})
    busy = fleet(count=3, rows=50, metrics=4, values=values, settings=quick())
    names = 4 + 3 + 3 * 2 * 50
    server = {"guidance": {"metrics_per_project": names}, "limits": {"run": {"requests": "1/5s"}}}
    assert left(play(busy, server=server)) == {}
    server["guidance"]["metrics_per_project"] = names - 1
    assert left(play(busy, server=server))["metrics_per_project", None].peak == names


def test_given_more_runs_than_recommended_then_retries_of_their_creation_do_not_count() -> None:
    limits = {"project": {"run_creations": "1/10s"}}
    server = {"guidance": {"runs_per_project": 4}, "limits": limits}
    five = left(play(fleet(count=5), server=server))
    assert five["runs_per_project", None].peak == 5
    assert left(play(fleet(count=4), server=server)) == {}


def test_given_large_values_then_the_run_is_named() -> None:
    values = held(strings={"size": "50kB"})
    run = play(fleet(rows=3, values=values), server={"guidance": {"value_size": "20kB"}})
    (account,) = run.account.runs
    assert account.guidance == ["value_size"]
    assert left(run)["value_size", account.run].key == "string_0"


def test_given_a_server_that_lost_everything_then_it_knows_of_no_findings_either() -> None:
    busy = fleet(rows=100, settings=quick())
    few = {"guidance": {"steps_per_run": 60}}
    assert [name for name, _ in left(play(busy, server=few))] == ["steps_per_run"]
    killed = play(busy, server=few, timeline=[Kill(at=Duration(80))])
    assert left(killed) == {}


def test_given_guidance_that_is_off_then_nothing_is_found() -> None:
    server = {"guidance": {"enabled": False, "rows_per_minute": 1}}
    assert play(fleet(), server=server).guidance == []


def test_given_too_many_rows_to_write_them_all_then_nobody_watches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(playing, "MOST_ROWS", 100)
    assert play(fleet(rows=101)).guidance is None
    assert play(fleet(rows=100)).guidance == []
