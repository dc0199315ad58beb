"""A small report with something of everything, for the tests of all forms."""

from pathlib import Path
from typing import Any

from mockwb.account import Account
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import Window
from mockwb.scenario.judgement import judge
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.model import Scenario
from mockwb.scenario.reports.document import Report, WallTimes, report
from mockwb.scenario.runner import Run
from mockwb.scenario.series import Sample, Waits
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.timeline.player import Happened
from mockwb.scenario.workload import ProjectPath
from mockwb.units import Duration
from tests.scenario.accounts import client, hasty, stored

START = 1_767_225_600.0
"""2026-01-01 UTC."""
WINDOW = Window(scope="project", key="team/p", limit="requests", amount=9, window_seconds=5.0)


def scenario(*thresholds: str) -> Scenario:
    workload = VirtualWorkload(name="w", project=ProjectPath("team", "p"), rows=10)
    asked = thresholds or ("rows.missing == 0", "finish_seconds.max < 30s")
    return Scenario(name="small", workloads=[workload], thresholds=[Threshold(t) for t in asked])


def finding(run: str | None, peak: float) -> Finding:
    """More rows per minute than 10."""
    return Finding(
        range="rows_per_minute",
        entity="team",
        project="p",
        run=run,
        measured=peak,
        limit=10,
        unit="rows per minute",
        peak=peak,
        since=START + peak / 10,
        advice="Log less often.",
    )


def run(ending: Any = "done", *, clients: Any = None, **fields: Any) -> Run:
    """One client whose run was stored whole, unless `fields` of its account say otherwise."""
    series = [
        Sample(
            at=1.0,
            seconds=1.0,
            active=1,
            requests={"200": 4},
            bytes_in=123_456,
            rows_sent=4,
            rows_stored=4,
            remaining={"project.requests": 500},
        ),
        Sample(
            at=3.0,
            seconds=2.0,
            active=1,
            waiting=1,
            requests={"200": 3, "429": 5, "503": 2, "404": 1},
            bytes_in=40_000,
            rows_sent=9,
            rows_stored=6,
            remaining={"project.requests": 0, "run.requests": 900},
            waits=Waits(p50=0.5, p95=1.5, max=1.5),
        ),
        Sample(
            at=4.0,
            seconds=1.0,
            requests={"200": 1},
            rows_sent=10,
            rows_stored=10,
            remaining={"run.requests": 1000},
            waits=Waits(p50=0.5, p95=1.5, max=1.75),
        ),
    ]
    account = {"first_request_at": START + 0.25, "last_request_at": START + 3.5, **fields}
    return Run(
        ending,
        [client()] if clients is None else clients,
        Account(runs=[stored(**{"finished_at": START + 3.75, **account})]),
        [WINDOW],
        START,
        4.25,
        [hasty(sdk_version="0.31.0")],
        series,
        [Happened(seconds=Duration(2), do="freeze", text="frozen for 1s </script>")],
        [finding("r1", 12), finding("r2", 30), finding(None, 20)],
    )


def reported(done: Run | None = None, *thresholds: str, wall: float = 1.0, **overlay) -> Report:
    """The report on `done`."""
    asked = scenario(*thresholds)
    done = done or run()
    loaded = LoadedScenario(asked, Path("somewhere/small.yaml"), overlay)
    times = WallTimes(START + wall, START + 5 * wall)
    return report(loaded, done, judge(asked, done), "run", times)
