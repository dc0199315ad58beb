"""Sweeps in virtual time: agents take runs one by one, and each run is a client."""

from typing import Any

import pytest

from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.network import Network
from mockwb.scenario.tally import Tally
from mockwb.scenario.workload import ProjectPath
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.units import Duration
from tests.simulate.scenes import play, total

GRID = {"method": "grid", "parameters": {"lr": {"values": [1, 2, 3]}, "depth": {"value": 7}}}
SEARCH = {"method": "random", "parameters": {"lr": {"min": 0.1, "max": 0.9}}}
AT_ONCE = Network(latency=Duration(0), server_time=Duration(0))


def agents(**given: Any) -> SweepWorkload:
    usual: dict[str, Any] = {
        "name": "tuning",
        "project": ProjectPath("team", "vision"),
        "rows": 4,
        "every": Duration(0.5),
        "settings": SdkSettings(x_disable_stats=True),
    }
    return SweepWorkload(**{**usual, **given})


def nobodys_requests(tally: Tally) -> int:
    """GraphQL requests that name no run: all of the agents, and logins."""
    return tally.answered("graphql") - sum(tally.operations.values())


def test_given_a_grid_then_its_runs_are_carried_out_and_the_agents_end() -> None:
    run = play(agents(count=2, sweep=GRID), simulate=AT_ONCE)
    tally = total(run)
    assert run.ending == "done"
    assert (tally.clients, tally.clients_failed) == (3, 0)
    assert tally.run_states == {"finished": 3}
    assert (tally.rows.sent, tally.rows.stored) == (12, 12)
    # Who makes the sweep: who it is, and the sweep. Each agent: who it is, the sweep, joining, an
    # exit. Each run: a heartbeat, who it is, and then a new session of its agent.
    assert nobodys_requests(tally) == 2 + 2 * 4 + 3 * 3
    # One agent has two runs: told at 5 and 10 s, and at 15 s that there are no more.
    assert run.seconds == 15


def test_given_a_cap_then_no_more_runs_are_given() -> None:
    run = play(agents(count=3, sweep=SEARCH, runs=10))
    assert total(run).run_states == {"finished": 10}
    assert len({client.run for client in run.clients}) == 10


def test_given_a_limit_then_runs_that_are_held_up_are_finished_later() -> None:
    limits = {"project": {"requests": "20/10s"}}
    run = play(agents(count=50, sweep=SEARCH, runs=120), server={"limits": limits})
    tally = total(run)
    assert tally.refused["project.requests"] > 20
    assert tally.run_states == {"finished": 120}
    assert tally.rows.missing == 0


def test_a_limit_on_new_runs_does_not_concern_those_that_the_sweep_made() -> None:
    limits = {"project": {"run_creations": "1/1m"}}
    tally = total(play(agents(count=5, sweep=SEARCH, runs=20), server={"limits": limits}))
    assert tally.run_states == {"finished": 20}
    assert tally.refused == {}


def test_given_a_limit_on_its_user_then_an_agent_that_cannot_join_is_a_failed_client() -> None:
    limits = {"user": {"requests": "4/10m"}}
    run = play(agents(count=2, sweep=GRID), server={"limits": limits}, timeout=Duration(120))
    errors = [client.error for client in run.clients if client.error]
    assert any("agent: Timed out while retrying: HTTP 429" in error for error in errors)


def test_at_a_timeout_runs_are_finished_and_agents_take_no_more() -> None:
    load = agents(count=2, sweep=SEARCH, runs=100, rows=10)
    run = play(load, timeout=Duration(12))
    tally = total(run)
    assert run.ending == "timeout"
    assert tally.run_states == {"finished": len(run.clients)}
    assert 2 <= len(run.clients) <= 4


def test_agents_in_several_projects_have_a_sweep_in_each() -> None:
    run = play(agents(count=4, projects=2, sweep=GRID))
    assert sorted({client.project for client in run.clients}) == ["vision-0", "vision-1"]
    assert total(run).run_states == {"finished": 6}


def test_the_same_seed_gives_the_same_result() -> None:
    first, second = (play(agents(count=5, sweep=SEARCH, runs=20)) for _ in range(2))
    assert first.clients == second.clients


def test_a_sweep_of_unknown_size_cannot_be_simulated() -> None:
    endless = {"method": "grid", "parameters": {"lr": {"min": 1, "max": 3}}}
    with pytest.raises(StartError, match=r"workload tuning: .* expected runs: NUMBER"):
        play(agents(sweep=endless))
