"""Thresholds that end a scenario before its time."""

import asyncio

import pytest

from mockwb.account import Account
from mockwb.clock import RealClock
from mockwb.scenario.early_end import EarlyEnd
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.judgement import judge
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import Place
from mockwb.scenario.runner import run_scenario
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.workload import ProjectPath
from mockwb.units import Duration
from tests.scenario.accounts import hasty, stored
from tests.scenario.fake_server import FakeServer
from tests.scenario.test_runner import Endless, Nobody


def scenario(*thresholds: Threshold) -> Scenario:
    names = ("fleet", "other-one")
    loads = [VirtualWorkload(name=n, project=ProjectPath("team", "p"), rows=1) for n in names]
    return Scenario(name="s", workloads=loads, thresholds=list(thresholds))


def guard(check: str, after: str = "0s") -> Threshold:
    return Threshold.from_config({"check": check, "abort_on_fail": True, "after": after})


RUNS = [
    stored("pre-fleet-0", requests={"file_stream": {"200": 8, "429": 2}}),
    stored("pre-other-one-3", requests={"file_stream": {"200": 10}}),
    stored("x", host="pre-other-one-4", requests={"file_stream": {"503": 5}}),
    stored("strange", requests={"file_stream": {"200": 5}}),
]


@pytest.mark.parametrize(
    ("check", "fails"),
    [
        ("requests.refused == 0", True),
        ("requests.refused == 5", False),  # it may become 5
        ("requests.refused <= 2", False),
        ("requests.refused < 2", True),
        ("requests.total < 30", True),
        ("http.429.rate < 10%", False),
        ("http.429.rate < 5%", True),
        ("http.5xx.rate < 5%", True),
        ("workloads.fleet.http.429.rate < 20%", True),
        ("workloads.other-one.requests.refused == 0", False),
        ("workloads.other-one.requests.errors < 5", True),
        ("premature_retries == 0", True),
        ("remaining.lowest > 100", False),  # nothing was measured
    ],
)
def test_given_what_the_server_saw_then_a_threshold_fails_for_good_or_may_still_hold(
    check, fails
) -> None:
    early_end = EarlyEnd(scenario(guard(check)), "pre")
    failed = early_end.failed(1, Account(runs=RUNS), [hasty("pre-fleet-0")], [])
    assert (failed is not None) is fails


def test_given_a_grace_then_nothing_fails_before_it_is_over() -> None:
    early_end = EarlyEnd(scenario(guard("requests.refused == 0", after="30s")), "pre")
    account = Account(runs=RUNS)
    assert early_end.failed(29, account, [], []) is None
    assert str(early_end.failed(30, account, [], [])) == "requests.refused == 0"


def test_given_thresholds_that_are_judged_at_the_end_then_none_is_watched() -> None:
    plain = Threshold.from_config({"check": "requests.refused == 0"})
    assert EarlyEnd(scenario(plain, Threshold("rows.missing == 0")), "pre").watched == []


async def test_given_a_failure_then_the_clients_are_stopped_and_the_verdict_says_why() -> None:
    endless = Endless(name="w", project=ProjectPath("team", "p"), rows=10)
    doomed = Scenario(
        name="s",
        workloads=[endless],  # type: ignore[list-item]
        thresholds=[guard("requests.refused == 0")],
        timeout=Duration(600),
    )
    async with FakeServer().running() as server, asyncio.timeout(20):
        server.account = Account(runs=[stored("r", requests={"file_stream": {"429": 1}})])
        place = Place(url=server.url, api_key="k" * 40)
        done = await run_scenario(doomed, place, RealClock(), asyncio.Event(), Nobody())
    assert (done.ending, done.aborted_by) == ("aborted", "requests.refused == 0")
    assert [client.error for client in done.clients] == ["stopped"]
    judgement = judge(doomed, done)
    assert judgement.exit_code == ExitCode.FAILED
    assert "as requests.refused == 0 failed" in judgement.verdict
