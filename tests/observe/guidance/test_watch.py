"""Each range of W&B's page: what is found when it is left, and only then."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from mockwb.clock import VirtualClock
from mockwb.config.guidance import GuidanceConfig
from mockwb.guidance import KeyFigure
from mockwb.logged_rows import LargeValue, LoggedRows, Second
from mockwb.observe.guidance.ranges import RANGES
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.record import Ingested, RequestRecord, Upserted
from mockwb.target import Caller, Surface, Target
from tests.observe.records import streamed

ALL = {range_.name: float(getattr(GuidanceConfig(), range_.name)) for range_ in RANGES}


def watch(clock: VirtualClock | None = None, **limits: float) -> GuidanceWatch:
    """A watch on these ranges only."""
    return GuidanceWatch(limits, clock or VirtualClock(), max_projects=10, max_runs=10)


def rows(
    *names: str,
    rows: int = 1,
    at: int | None = None,
    points: int = 0,
    video: int = 0,
    largest: int = 0,
    large: dict[str, int] | None = None,
    **place: str,
) -> RequestRecord:
    logged = LoggedRows(
        rows=rows,
        points=points,
        shapes=[names],
        seconds={at: Second(rows, points, video)},
        largest=largest or sum((large or {}).values()),
        with_video=video > 0,
        large_values=[LargeValue(*item) for item in (large or {}).items()],
    )
    return streamed(**place, ingested=Ingested(rows=rows, logged=logged))


def upserted(runs: int = 1, config: int | None = None, **place: str) -> RequestRecord:
    names = {"entity": "team", "project": "proj", "run": "r1"} | place
    record = RequestRecord(Target(Surface.GRAPHQL, **names), 0.0, "POST", "/graphql", status=200)
    record.upserted = Upserted(runs, config)
    return record


def uploaded(name: str, status: int = 200) -> RequestRecord:
    target = Target(Surface.STORAGE, "team", "proj", "r1")
    return RequestRecord(target, 0.0, "PUT", f"/storage/runs/team/proj/r1/{name}", status=status)


def asked_by(user: str | None, agent: str = "W&B Public Client 0.31.0") -> RequestRecord:
    return RequestRecord(
        Target(Surface.GRAPHQL),
        0.0,
        "POST",
        "/graphql",
        caller=Caller(user, "10.0.0.1"),
        user_agent=agent,
        status=200,
    )


def found(guidance: GuidanceWatch) -> list[tuple[str, str | None, float]]:
    return [(one.range, one.run, one.peak) for one in guidance.query().findings]


Make = Callable[[int], RequestRecord]


@pytest.mark.parametrize(
    ("name", "make", "limit", "where"),
    [
        ("runs_per_project", lambda n: upserted(runs=n), 3, [None]),
        ("steps_per_run", lambda n: rows("a"), 3, ["r1"]),
        ("metrics_per_project", lambda n: rows(f"m{n}"), 3, [None]),
        ("rows_per_minute", lambda n: rows("a", at=n), 3, [None, "r1"]),
        ("values_per_minute", lambda n: rows("a", at=n, points=1), 3, [None, "r1"]),
        ("video_per_minute", lambda n: rows("a", at=n, video=1), 3, [None, "r1"]),
        ("value_size", lambda n: rows("a", large={"a": n}), 20_000, ["r1"]),
        ("log_call_size", lambda n: rows("a", largest=n), 20_000, ["r1"]),
        ("config_size", lambda n: upserted(config=n), 3, ["r1"]),
        ("files_per_run", lambda n: uploaded(f"f{n}"), 3, ["r1"]),
        ("api_requests_per_minute", lambda n: asked_by("ada"), 3, [None]),
    ],
)
def test_given_exactly_the_range_then_nothing_is_found_and_beyond_it_it_is(
    name: str, make: Make, limit: int, where: list[str | None]
) -> None:
    guidance = watch(**{name: limit})
    for number in range(1, limit + 1):
        guidance.saw(make(number))
    assert guidance.query().findings == []
    guidance.saw(make(limit + 1))
    assert found(guidance) == [(name, run, limit + 1) for run in where]
    for finding in guidance.query().findings:
        assert finding.advice
        assert finding.limit == limit
        assert "W&B docs" in finding.source


def test_the_defaults_are_those_of_the_page() -> None:
    assert ALL == {
        "runs_per_project": 10_000,
        "steps_per_run": 500_000,
        "metrics_per_project": 100_000,
        "rows_per_minute": 1_000,
        "values_per_minute": 100_000,
        "video_per_minute": 40e6,
        "value_size": 1e6,
        "log_call_size": 25e6,
        "config_size": 10e6,
        "files_per_run": 1_000,
        "api_requests_per_minute": 60,
    }


def test_given_a_range_that_is_infinite_then_it_is_not_watched() -> None:
    guidance = watch(steps_per_run=float("inf"), value_size=20_000)
    guidance.saw(rows("a", rows=10**9, large={"a": 20_001}))
    assert [one.range for one in guidance.query().findings] == ["value_size"]
    assert guidance.query().ranges == {"value_size": 20_000}


def test_given_a_finding_then_it_says_what_where_how_much_and_since_when() -> None:
    clock = VirtualClock()
    guidance = watch(clock, value_size=10_000)
    clock.set(10)
    guidance.saw(rows("a", large={"a": 20_000, "b": 15_000}))
    clock.set(20)
    guidance.saw(rows("a", large={"c": 90_000}))
    guidance.saw(rows("a", large={"c": 11_000}))
    (finding,) = guidance.query().findings
    assert (finding.entity, finding.project, finding.run) == ("team", "proj", "r1")
    assert (finding.key, finding.measured, finding.peak) == ("c", 11_000, 90_000)
    assert finding.since == clock.wall() - 10
    assert finding.unit == "bytes"


def test_given_rates_then_the_newest_minute_and_the_fullest_are_told() -> None:
    guidance = watch(rows_per_minute=10)
    guidance.saw(rows("a", rows=20, at=100))
    guidance.saw(rows("a", rows=5, at=500))
    for finding in guidance.query().findings:
        assert (finding.measured, finding.peak) == (5, 20)


def test_given_rows_without_a_time_then_the_time_of_arrival_counts() -> None:
    clock = VirtualClock()
    guidance = watch(clock, rows_per_minute=1)
    for now in (0, 100, 200):
        clock.set(now)
        guidance.saw(rows("a"))
    assert guidance.query().findings == []
    guidance.saw(rows("a"))
    assert len(guidance.query().findings) == 2


def test_given_two_runs_within_the_range_then_their_project_may_still_be_beyond_it() -> None:
    guidance = watch(rows_per_minute=10)
    for run in ("r1", "r2"):
        guidance.saw(rows("a", rows=6, at=7, run=run))
    assert found(guidance) == [("rows_per_minute", None, 12)]


def test_given_a_run_with_a_hundred_metrics_then_its_project_names_their_groups() -> None:
    guidance = watch(metrics_per_project=1000)
    names = [*(f"layers/{n}" for n in range(50)), "loss", *(f"val.{n}" for n in range(20))]
    guidance.saw(rows(*names))
    guidance.saw(rows(*reversed(names)))
    (project,) = guidance.query().projects
    assert project.peaks["metrics_per_project"] == 71
    assert project.largest_groups == [
        KeyFigure(key="layers", amount=50),
        KeyFigure(key="val", amount=20),
        KeyFigure(key="loss", amount=1),
    ]


def test_given_more_shapes_than_are_remembered_then_metrics_are_still_counted_once() -> None:
    guidance = watch(metrics_per_project=10**6)
    for _ in range(2):
        for number in range(11_000):
            guidance.saw(rows("loss", f"m{number % 5000}", f"n{number % 3}"))
    (project,) = guidance.query().projects
    assert project.peaks["metrics_per_project"] == 1 + 5000 + 3


def test_given_large_values_then_the_project_names_the_largest_of_each_metric() -> None:
    guidance = watch(value_size=10**6)
    for run, sizes in (("r1", {"a": 20_000, "b": 30_000}), ("r2", {"a": 40_000})):
        guidance.saw(rows("a", large=sizes, run=run))
    (project,) = guidance.query().projects
    assert [(one.key, one.amount) for one in project.largest_values] == [
        ("a", 40_000),
        ("b", 30_000),
    ]


def test_given_a_file_uploaded_again_or_in_vain_then_it_does_not_count() -> None:
    guidance = watch(files_per_run=1)
    for record in (uploaded("a"), uploaded("a"), uploaded("b", status=403)):
        guidance.saw(record)
    assert guidance.query().findings == []


def test_given_runs_were_deleted_then_the_figure_is_what_is_left() -> None:
    guidance = watch(runs_per_project=2)
    for runs in (1, 2, 3, 1):
        guidance.saw(upserted(runs=runs))
    (finding,) = guidance.query().findings
    assert (finding.measured, finding.peak) == (1, 3)


def test_given_the_public_api_then_each_user_has_a_pace_and_runs_have_none() -> None:
    clock = VirtualClock()
    guidance = watch(clock, api_requests_per_minute=60)
    for number in range(120):
        clock.set(number)
        guidance.saw(asked_by("calm"))
        guidance.saw(asked_by(None))
        guidance.saw(asked_by(None))
        for _ in range(5):
            guidance.saw(asked_by("ada", agent="wandb-core"))
    (finding,) = guidance.query().findings
    assert (finding.user, finding.peak) == ("10.0.0.1", 120)
    assert finding.project is None


def test_given_globs_then_only_what_matches_is_told() -> None:
    guidance = watch(steps_per_run=1, runs_per_project=1, api_requests_per_minute=0)
    for project in ("p1", "p2"):
        guidance.saw(upserted(runs=2, project=project))
        for run in ("r1", "r2"):
            guidance.saw(rows("a", rows=2, project=project, run=run))
    guidance.saw(asked_by("ada"))

    def told(**query: Any) -> list[tuple[str | None, str | None]]:
        return [(one.project, one.run) for one in guidance.query(**query).findings]

    assert len(told()) == 7
    assert told(projects=["*/p1"]) == [("p1", None), ("p1", "r1"), ("p1", "r2")]
    assert told(projects=["team/p*"], runs=["r2"]) == [("p1", "r2"), ("p2", "r2")]
    assert [one.project for one in guidance.query(["*/p1"]).projects] == ["p1"]
    assert guidance.of_run("team", "p1", "r1") == ["steps_per_run"]
    assert guidance.of_run("team", "p1", "unknown") == []


def test_given_a_finding_then_the_log_has_one_line_of_it(caplog: pytest.LogCaptureFixture) -> None:
    guidance = watch(steps_per_run=1)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            guidance.saw(rows("a"))
    (line,) = caplog.records
    fields = line.fields  # type: ignore[attr-defined]
    assert (line.levelname, line.getMessage()) == ("WARNING", "beyond W&B's guidance")
    assert json.loads(json.dumps(fields))["project"] == "team/proj"
    assert (fields["range"], fields["run"], fields["limit"]) == ("steps_per_run", "r1", 1)


def test_given_more_runs_and_projects_than_are_kept_then_the_oldest_are_forgotten() -> None:
    guidance = GuidanceWatch(
        {"steps_per_run": 1, "metrics_per_project": 0},
        VirtualClock(),
        max_projects=2,
        max_runs=3,
    )
    for project in ("p0", "p1", "p2"):
        for run in ("a", "b"):
            guidance.saw(rows("m", rows=2, project=project, run=run))
    told = guidance.query()
    assert (told.forgotten_projects, told.forgotten_runs) == (1, 3)
    assert [one.project for one in told.projects] == ["p1", "p2"]
    counts = {(name, project): count for name, project, count in guidance.counted() if count}
    assert counts == {
        ("steps_per_run", "team/p1"): 1,
        ("steps_per_run", "team/p2"): 2,
        ("metrics_per_project", "team/p1"): 1,
        ("metrics_per_project", "team/p2"): 1,
    }
    assert len(told.findings) == sum(counts.values())
