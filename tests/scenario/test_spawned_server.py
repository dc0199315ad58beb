"""A server in a process of its own: what a restart keeps and a kill loses."""

import asyncio
from contextlib import suppress

import aiohttp
import pytest

from mockwb.config.load import load_config
from mockwb.scenario.errors import StartError
from mockwb.scenario.place import spawned
from tests.wandb_client import WandbClient


async def runs(client: WandbClient) -> int:
    async with client.session.get(
        f"{client.url}/_mockwb/account", headers={"Authorization": "Bearer t0ken"}
    ) as answer:
        return len((await answer.json())["runs"])


async def test_given_a_spawned_server_then_restarts_keep_its_runs_and_kills_do_not(
    monkeypatch,
) -> None:
    monkeypatch.setenv("MOCKWB_LIMITS__USER__REQUESTS", "0/1s")  # has no say
    key = "a" * 40
    config = load_config(
        overlay={
            "port": 0,
            "auth": {"keys": [{"key": key}]},
            "control": {"admin_token": "t0ken"},
        }
    )
    async with spawned(config) as place, aiohttp.ClientSession() as session:
        assert (place.api_key, place.admin_token) == (key, "t0ken")
        client = WandbClient(session, place.url, key)
        await client.start_run()
        restarting = asyncio.create_task(place.server.restart(0.5))
        with suppress(aiohttp.ClientConnectionError):
            while not restarting.done():
                await runs(client)
            pytest.fail("the port was never closed")
        await restarting
        assert await runs(client) == 1
        await client.start_run("after")
        assert await runs(client) == 2
        losing = asyncio.create_task(place.server.lost())
        await place.server.kill(0.1)
        assert await runs(client) == 0
        assert not losing.done()
        place.server._process.kill()
        assert await losing == "the server's process ended by itself, with exit code -9"
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(place.url)


async def test_given_a_server_that_cannot_start_then_the_scenario_does_not(tmp_path, capfd) -> None:
    async with spawned(load_config(overlay={"port": 0})) as first:
        taken = int(first.url.rpartition(":")[2])
        with pytest.raises(StartError, match="the server did not start: exit code 1"):
            async with spawned(load_config(overlay={"port": taken})):
                pass
    assert "cannot listen" in capfd.readouterr().err
