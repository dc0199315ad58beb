import asyncio

import aiohttp
import pytest

from mockwb.clock import RealClock
from mockwb.config.load import load_config
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.place import started_here
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS
from mockwb.units import Duration

PROJECT = ProjectPath("team", "p")
FLEET = VirtualWorkload(
    name="fleet", project=PROJECT, count=3, rows=20, every=Duration(0), settings=FILELESS
)


def readers(**fields) -> PublicApiWorkload:
    return PublicApiWorkload(
        **{"name": "readers", "project": PROJECT, "every": Duration(0)} | fields
    )


async def run(load: PublicApiWorkload, **server) -> Tallies:
    """Log three runs of 20 rows, then read."""
    config = load_config(overlay={"port": 0, **server})
    async with started_here(config) as place, aiohttp.ClientSession() as session:
        around = Surroundings(place.url, place.api_key, RealClock(), "abc")
        account = AccountReader(session, place.url, [str(PROJECT)], "abc")
        logged = await FLEET.run(around)
        await account.check()
        read = await load.run(around)
        clients = [*logged, *read]
        return tally(["fleet", "readers"], clients, await account.read())


@pytest.mark.parametrize(
    ("read", "requests"),
    [
        ("runs", 2 + 6),
        ("history", 2 + 2 + 6),  # the three runs are listed twice
        ("scan_history", 2 + 1 + 2 * 3 + 6),  # every run is two pages of ten steps
    ],
)
async def test_every_client_reads_its_pages(read, requests):
    tallies = await run(readers(read=read, pages=6, per_page=10, count=2))
    counted = tallies.workloads["readers"]
    assert (counted.clients, counted.clients_failed, counted.pages) == (2, 0, 12)
    assert counted.requests == {"graphql": {"200": 2 * requests}}
    assert (counted.run_states, counted.rows.sent, counted.rows.missing) == ({}, 0, 0)
    assert tallies.total.run_states == {"finished": 3}
    assert tallies.total.pages == 12


async def test_refusals_are_waited_out_and_counted():
    limits = {"user": {"requests": "9/1s"}}
    tallies = await run(readers(pages=12, per_page=1), limits=limits)
    counted = tallies.workloads["readers"]
    assert (counted.clients_failed, counted.pages) == (0, 12)
    assert counted.answered("graphql", "200") == 14
    assert counted.answered("graphql", "429") >= 1
    assert max(counted.throttled_seconds) > 0
    assert counted.lowest_remaining == 0
    # The server says the same of requests that belong to no run.
    assert tallies.total.answered("graphql", "429") >= counted.answered("graphql", "429")


async def test_a_stop_ends_a_reader_at_once():
    load = readers(pages=1000, every=Duration(60))
    async with started_here(load_config(overlay={"port": 0})) as place:
        around = Surroundings(place.url, place.api_key, RealClock(), "abc")
        running = asyncio.create_task(load.run(around))
        await asyncio.to_thread(lambda: None)
        around.stop.set()
        [result] = await running
    assert result.exit_code is None
    assert result.error in ("stopped before its end", "stopped before its start")
