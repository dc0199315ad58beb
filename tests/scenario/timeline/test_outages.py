"""A server that goes away and comes back under virtual clients, ten times as fast as life."""

import asyncio

from mockwb.config.load import load_config
from mockwb.scenario.judgement import judge
from mockwb.scenario.model import Scenario
from mockwb.scenario.own_server import ServerHere
from mockwb.scenario.place import WELL_FORMED_KEY, Place
from mockwb.scenario.runner import run_scenario
from mockwb.scenario.tally import Tally
from tests.scenario.kinds.test_virtual import FastClock, load_of
from tests.scenario.test_runner import Nobody
from tests.scenario.timeline.events import event


async def played(*timeline) -> tuple[Tally, list[str]]:
    """Five clients log for twelve seconds; what became of their rows, and what happened."""
    clock = FastClock()
    load = load_of(count=5, rows=24)
    scenario = Scenario(name="s", workloads=[load], timeline=list(timeline))
    server = ServerHere(load_config(overlay={"port": 0}), clock)
    await server.start()
    try:
        place = Place(server.url, WELL_FORMED_KEY, server=server)
        done = await run_scenario(scenario, place, clock, asyncio.Event(), Nobody())
    finally:
        await server.stop()
    return judge(scenario, done).tallies.total, [happened.do for happened in done.timeline]


async def test_given_a_restart_midway_then_nothing_is_lost_and_clients_had_to_try_again() -> None:
    total, happened = await played(event("restart", "5s", down="3s"))
    assert happened == ["restart"]
    assert (total.clients_failed, total.rows.missing, total.rows.duplicated) == (0, 0, 0)
    assert total.rows.stored == 120
    assert total.network_errors > 0


async def test_given_a_kill_midway_then_what_was_stored_before_is_gone() -> None:
    total, happened = await played(event("kill", "5s", down="3s"))
    assert happened == ["kill"]
    assert total.rows.missing > 0


async def test_given_a_timeline_longer_than_the_workloads_then_the_rest_is_left_out() -> None:
    total, happened = await played(event("freeze", "2s", for_="1s"), event("kill", "1h", down="3s"))
    assert happened == ["freeze"]
    assert total.rows.missing == 0
