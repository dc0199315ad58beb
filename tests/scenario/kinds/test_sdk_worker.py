"""The worker with the real SDK and a real server; the SDK's own behaviour is not at issue."""

import asyncio
import json
from typing import NamedTuple

import aiohttp
import pytest

from mockwb.clock import RealClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.place import Place, started_here
from mockwb.scenario.values import Values
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS
from mockwb.units import Duration
from mockwb.yaml_file import convert

pytestmark = pytest.mark.sdk

RICH = {
    "nested": 12,
    "strings": {"count": 2, "size": "40B", "every": 2},
    "lists": {"length": 4},
    "histograms": {"bins": 8},
    "images": {"count": 2, "size": "300B", "every": 3},
    "videos": {"size": "5kB", "every": 5},
    "new_keys": {"count": 2, "every": 3, "per_client": True},
}
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


async def test_real_and_virtual_clients_log_the_very_same_rows_and_media():
    same = {
        "project": ProjectPath("team", "p"),
        "rows": 8,
        "metrics": 3,
        "values": convert(RICH, Values),
        "every": Duration(0.01),
    }
    real = SdkWorkload(name="real", settings=QUIET, **same)
    virtual = VirtualWorkload(name="virtual", settings=FILELESS, **same)
    async with started_here(ServerConfig(port=0)) as place, aiohttp.ClientSession() as session:
        around = Surroundings(
            base_url=place.url, api_key=place.api_key, clock=RealClock(), run_prefix="abc"
        )
        [[of_real], [of_virtual]] = await asyncio.gather(real.run(around), virtual.run(around))
        stored = [await _stored(session, place, one.run) for one in (of_real, of_virtual)]
        account = await AccountReader(session, place.url, ["team/p"], "abc").read()
    assert (of_real.error, of_virtual.error) == (None, None)
    assert of_real.rows == of_virtual.rows == len(stored[0].rows) == 8
    assert of_real.values == of_virtual.values
    assert {run.values_stored for run in account.runs} == {of_real.values}
    assert stored[0].rows == stored[1].rows
    assert stored[0].media == stored[1].media
    assert sorted(stored[0].media.values()) == [300] * 6 + [5000] * 2


class Stored(NamedTuple):
    rows: list[dict]
    media: dict[str, int]


async def _stored(session: aiohttp.ClientSession, place: Place, run: str) -> Stored:
    """Rows without their times, and the sizes of media files."""
    query = """query($run: String!) {project(name: "p", entityName: "team") {run(name: $run) {
        history(minStep: 0, maxStep: 100, samples: 100) files {edges {node {name sizeBytes}}}}}}"""
    async with session.post(
        f"{place.url}/graphql",
        json={"query": query, "variables": {"run": run}},
        headers={"Authorization": aiohttp.encode_basic_auth("api", place.api_key)},
    ) as answer:
        found = (await answer.json())["data"]["project"]["run"]
    rows = [json.loads(row) for row in found["history"]]
    for row in rows:
        del row["_timestamp"], row["_runtime"]
    nodes = [edge["node"] for edge in found["files"]["edges"]]
    return Stored(
        rows,
        {n["name"]: int(n["sizeBytes"]) for n in nodes if n["name"].startswith("media/")},
    )


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
