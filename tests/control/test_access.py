"""Who may use the control API, and when the server does not start at all."""

import asyncio
import socket

import aiohttp
import pytest

from mockwb.clock import VirtualClock
from mockwb.config.load import load_config
from mockwb.control.access import ExposedControlError, refuse_exposure
from mockwb.server import Server
from tests.cli.serve_process import COMMAND
from tests.conftest import Serve

PATHS = ["", "/", "/account", "/limits", "/limits/rules", "/openapi.json", "/nothing"]


async def reached(url: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status


async def statuses(client, headers: dict[str, str], method: str = "GET") -> set[int]:
    found = set()
    for path in PATHS:
        url = f"{client.url}/_mockwb{path}"
        async with client.session.request(method, url, headers=headers) as response:
            await response.json()
            found.add(response.status)
    return found


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Bearer open-sesam", "Bearer open-sesamee",
     "Basic open-sesame", "open-sesame", "Bearer \u00fc", "Bearer open-sesame x"],
)  # fmt: skip
async def test_given_a_token_then_nobody_passes_without_it(serve: Serve, authorization) -> None:
    client = await serve(control={"admin_token": "open-sesame"})
    headers = {} if authorization is None else {"Authorization": authorization}
    assert await statuses(client, headers) == {401}
    assert await statuses(client, headers, "PUT") == {401}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
async def test_given_the_right_token_then_everything_is_open(serve: Serve, scheme) -> None:
    client = await serve(control={"admin_token": "open-sesame"})
    assert await statuses(client, {"Authorization": f"{scheme} open-sesame"}) == {200, 404}


async def test_given_no_token_then_a_refusal_tells_which_scheme_is_asked_for(serve: Serve) -> None:
    client = await serve(control={"admin_token": "open-sesame"})
    async with client.session.get(f"{client.url}/_mockwb/limits") as response:
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "open-sesame" not in await response.text()
    async with client.session.get(f"{client.url}/healthz") as response:
        assert response.status == 200


async def test_given_control_is_off_then_its_paths_say_so_and_all_else_works(serve: Serve) -> None:
    client = await serve(control={"enabled": False, "admin_token": "open-sesame"})
    assert await statuses(client, {"Authorization": "Bearer open-sesame"}) == {404}
    async with client.session.get(f"{client.url}/_mockwb/account") as response:
        assert "the control API is off" in (await response.json())["error"]
    await client.start_run()
    async with client.session.get(f"{client.url}/metrics") as response:
        assert response.status == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "::ffff:192.0.2.1"])
async def test_given_an_address_others_reach_and_no_token_then_the_server_does_not_start(
    host,
) -> None:
    server = Server(load_config(overlay={"port": 0, "host": host}), VirtualClock())
    with pytest.raises(ExposedControlError) as caught:
        await server.start()
    for word in (host or "every address", "--admin-token", "--no-control", "/_mockwb/"):
        assert word in caught.value.strerror


@pytest.mark.parametrize(
    ("addresses", "refused"),
    [
        (["127.0.0.1", "::1"], False),
        (["127.8.9.10"], False),
        (["192.0.2.1"], True),
        (["127.0.0.1", "192.0.2.1"], True),
    ],
)
async def test_given_a_name_then_all_its_addresses_have_to_be_loopback(
    monkeypatch, addresses, refused
) -> None:
    found = [(0, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    checked = refuse_exposure(load_config(overlay={"host": "some.name"}))
    if refused:
        with pytest.raises(ExposedControlError):
            await checked
    else:
        await checked


@pytest.mark.parametrize("control", [{"enabled": False}, {"admin_token": "x"}])
async def test_given_control_off_or_a_token_then_any_address_will_do(control) -> None:
    config = load_config(overlay={"port": 0, "host": "0.0.0.0", "control": control})
    async with Server(config, VirtualClock()) as server:
        assert await reached(f"{server.url}/readyz") == 200


async def test_given_serve_on_every_address_without_a_token_then_it_exits_and_says_why() -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "--host", "0.0.0.0", "--port", "0", stderr=asyncio.subprocess.PIPE
    )
    _, errors = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode != 0
    told = " ".join(errors.decode().split())
    assert "--admin-token" in told
    assert "--no-control" in told
    assert "Traceback" not in told
