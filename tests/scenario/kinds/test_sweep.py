"""Sweeps over real HTTP, in time that runs twenty times as fast as the machine's."""

import asyncio
import json
from typing import Any

import aiohttp
import msgspec
import pytest

from mockwb.clock import RealClock
from mockwb.config.load import load_config
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.content_check import check_content
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.place import Place, started_here
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.values import NewKeys, Values
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS
from mockwb.units import Duration

SPEED = 20.0
QUICK = msgspec.structs.replace(FILELESS, x_disable_machine_info=False)
GRID = {"method": "grid", "parameters": {"lr": {"values": [1, 2, 3]}, "depth": {"value": 7}}}


class FastClock(RealClock):
    """A second here is a twentieth of one outside."""

    def now(self) -> float:  # type: ignore[override]
        return RealClock.now() * SPEED

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / SPEED)


def agents(**fields: Any) -> SweepWorkload:
    given = {"rows": 4, "every": Duration(0.5), "sweep": GRID, "settings": QUICK}
    return SweepWorkload(
        **{"name": "tuning", "project": ProjectPath("team", "p"), **given} | fields
    )


def around(place: Place) -> Surroundings:
    return Surroundings(place.url, place.api_key, FastClock(), "abc")


async def run(load: SweepWorkload) -> tuple[Tallies, dict[str, Any]]:
    """The account, and what the server says of the sweep."""
    async with (
        started_here(load_config(overlay={"port": 0})) as place,
        aiohttp.ClientSession() as session,
    ):
        paths = [str(path) for path in load.project_paths]
        reader = AccountReader(session, place.url, paths, "abc", marked=True)
        await reader.check()
        clients = await load.run(around(place))
        account = await reader.read()
        content = await check_content([load], clients, account, reader)
        tallies = tally([load.name], clients, account, content=content)
        query = """{project(name: "p", entityName: "team") {sweeps {edges {node {
            state runCount runs {edges {node {state config host}}}}}}}}"""
        auth = {"Authorization": aiohttp.encode_basic_auth("api", place.api_key)}
        async with session.post(
            f"{place.url}/graphql", json={"query": query}, headers=auth
        ) as answer:
            data = (await answer.json())["data"]
    [sweep] = data["project"]["sweeps"]["edges"]
    return tallies, sweep["node"]


async def test_agents_carry_out_a_grid_whole_and_every_run_is_a_client():
    load = agents(count=2, values=Values(new_keys=NewKeys(every=1, per_client=True)))
    tallies, sweep = await run(load)
    counted = tallies.workloads["tuning"]
    assert (counted.clients, counted.clients_failed) == (3, 0)
    assert counted.run_states == {"finished": 3}
    assert (counted.rows.sent, counted.rows.stored) == (12, 12) == (load.rows_expected,) * 2
    assert (counted.content_compared, counted.content_different) == (3, 0)
    assert (sweep["state"], sweep["runCount"]) == ("FINISHED", 3)
    runs = [edge["node"] for edge in sweep["runs"]["edges"]]
    assert sorted(json.loads(run["config"])["lr"]["value"] for run in runs) == [1, 2, 3]
    assert {run["host"] for run in runs} == {"abc-tuning-0", "abc-tuning-1"}


async def test_a_random_search_ends_at_its_cap():
    search = {"method": "random", "parameters": {"lr": {"min": 0.1, "max": 0.9}}}
    tallies, sweep = await run(agents(count=1, runs=2, sweep=search))
    assert tallies.workloads["tuning"].run_states == {"finished": 2}
    assert sweep["runCount"] == 2


async def test_a_stop_ends_runs_and_agents():
    async with started_here(load_config(overlay={"port": 0})) as place:
        surroundings = around(place)
        load = agents(count=1, rows=1000)
        running = asyncio.create_task(load.run(surroundings))
        logged = surroundings.rows_logged
        while not (load.name in logged and logged[load.name]()):
            await surroundings.clock.sleep(0.1)
        surroundings.stop.set()
        [result] = await running
    assert result.run
    assert (result.exit_code, result.error) == (0, None)
    assert result.rows < 1000


async def test_a_sweep_that_the_server_refuses_is_a_bad_start():
    nonsense = {"method": "grid", "parameters": {"lr": {"values": 3}}}
    async with started_here(load_config(overlay={"port": 0})) as place:
        with pytest.raises(StartError, match=r"workload tuning: sweep: .*lr"):
            await agents(sweep=nonsense).run(around(place))


async def test_agents_without_a_sweep_fail_for_the_reason_there_is_none():
    faults = [{"name": "down", "what": {"kind": "status", "status": 501}}]
    async with started_here(load_config(overlay={"port": 0, "faults": faults})) as place:
        first, second = await agents(count=2).run(around(place))
    assert first.error == second.error
    assert "no sweep: " in first.error


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sweep": {"parameters": {"a": {}}}}, "sweep.method: expected grid, random, bayes, got"),
        ({"sweep": {"method": "grid"}}, "sweep.parameters: expected a mapping, got None"),
        ({"sweep": {**GRID, "method": "random"}}, "expected runs: NUMBER"),
        ({"settings": FILELESS}, "x_disable_machine_info hides what marks the runs"),
        ({"sweep": {**GRID, "run_cap": 2}, "runs": 3}, "runs and sweep.run_cap are the same"),
        (
            {"sweep": {"method": "grid", "parameters": {"lr": {"min": 1, "max": 2.5}}}},
            "lr: min and max must both be",
        ),
    ],
)
def test_a_sweep_that_could_not_be_made_or_never_ended_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        agents(**fields)
