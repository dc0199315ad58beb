"""Media are offered in the same batches by the real SDK and a modelled run."""

import asyncio
from typing import Any

import pytest

from mockwb.clock import RealClock
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.yaml_file import convert
from tests.sdkmodel.scripted_server import ScriptedServer

pytestmark = pytest.mark.sdk

LOAD = {
    "name": "media",
    "project": "team/p",
    "rows": 16,
    "every": "500ms",  # the first batch, open for 5 s, gets files after 0 and 3.5 s, not after 7 s
    "values": {
        "images": {"count": 2, "size": "2kB", "every": 7},
        "videos": {"size": "9kB", "every": 14},
    },
}
QUIET = {"x_disable_stats": True, "x_disable_meta": True, "x_save_requirements": False}


async def uploads(load: Workload) -> tuple[list[list[str]], dict[str, bytes]]:
    """What was asked URLs for, batch by batch, and what media were uploaded, by name."""
    async with ScriptedServer() as server:
        (result,) = await load.run(Surroundings(server.url, "k" * 40, RealClock(), "t"))
    assert result.error is None
    asked = server.of_kind("CreateRunFiles")
    batches = [sorted(exchange.json["variables"]["files"]) for exchange in asked]
    put = {exchange.path.removeprefix("/storage/"): exchange for exchange in server.of_kind("put")}
    return batches, {name: exchange.body for name, exchange in put.items() if "media/" in name}


async def test_media_go_in_the_same_batches_with_the_same_contents() -> None:
    settings: dict[str, Any] = {"settings": {**QUIET, "console": "off"}}
    real = convert({"kind": "sdk", **LOAD, **settings}, SdkWorkload)
    virtual = convert({"kind": "virtual", **LOAD, "settings": QUIET}, VirtualWorkload)
    (of_sdk, put_by_sdk), (of_virtual, put_by_virtual) = await asyncio.gather(
        uploads(real), uploads(virtual)
    )
    assert of_sdk == of_virtual
    assert [len(names) for names in of_sdk] == [2 * 2 + 1, 2 + 1 + 2]
    assert put_by_sdk == put_by_virtual
    assert len(put_by_sdk) == 8
