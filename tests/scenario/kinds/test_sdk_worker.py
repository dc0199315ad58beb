"""The worker with the real SDK and a real server; the SDK's own behaviour is not at issue."""

import asyncio

import aiohttp
import pytest

from mockwb.clock import RealClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.place import started_here
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.units import Duration

pytestmark = pytest.mark.sdk

QUIET = {"x_disable_stats": True, "x_disable_meta": True, "console": "off"}


def workload(**fields) -> SdkWorkload:
    return SdkWorkload(
        name="real",
        project=ProjectPath("team", "p"),
        metrics=12,
        settings={**QUIET, "x_file_stream_transmit_interval": 1},
        **fields,
    )


async def run(workload: SdkWorkload, stop_after_rows: int | None = None):
    """The client's result and the server's account of its run."""
    async with started_here(ServerConfig(port=0)) as place, aiohttp.ClientSession() as session:
        around = Surroundings(
            base_url=place.url, api_key=place.api_key, clock=RealClock(), run_prefix="abc"
        )
        reader = AccountReader(session, place.url, ["team/p"], "abc")
        running = asyncio.create_task(workload.run(around))
        while stop_after_rows is not None and not around.stop.is_set():
            account = await reader.read()
            if account.runs and account.runs[0].rows_stored >= stop_after_rows:
                around.stop.set()
        [client] = await running
        [stored] = (await reader.read()).runs
        return client, stored


@pytest.mark.parametrize("shape", ["flat", "nested", "strings"])
async def test_client_and_server_agree_on_rows_and_values_of_every_shape(shape):
    client, stored = await run(workload(rows=5, every=Duration(0.01), shape=shape))
    assert client.error is None
    assert (client.rows, client.values) == (5, 60)
    assert (stored.rows_stored, stored.values_stored) == (5, 60)
    assert stored.state == "finished"
    assert client.finish_seconds is not None
    assert client.finish_seconds > 0


async def test_a_run_stopped_on_its_way_reports_the_rows_it_logged():
    client, stored = await run(workload(rows=10_000, every=Duration(0.1)), stop_after_rows=3)
    assert client.error == "stopped during log"
    assert client.rows >= stored.rows_stored >= 3
    assert client.finish_seconds is None


async def test_the_oldest_release_logs_as_well():
    """It streams from a Python process, and knows none of the settings above."""
    old = SdkWorkload(
        name="old", project=ProjectPath("team", "p"), version="0.16.6", rows=5, every=Duration(0.01)
    )
    client, stored = await run(old)
    assert (client.error, client.rows, stored.rows_stored) == (None, 5, 5)
    assert stored.state == "finished"
