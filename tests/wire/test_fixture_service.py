"""The protocol of the fixture service, command by command."""

from typing import Any

import pytest

from mockwb.clock import VirtualClock
from mockwb.config.load import load_config
from mockwb.server import Server
from tests.conftest import Serve
from tests.wandb_client import WandbClient


@pytest.fixture
async def server(clock: VirtualClock):
    async with Server(load_config(overlay={"port": 0, "fixture_port": 0}), clock) as running:
        yield running


@pytest.fixture
async def client(serve: Serve, server: Server) -> WandbClient:
    """Of the server with fixtures; `serve` lends its session."""
    return WandbClient((await serve()).session, server.url)


async def send(client: WandbClient, server: Server, what: str, **body: Any) -> int:
    async with client.session.post(f"{server.fixture_url}/db/{what}", json=body) as response:
        return response.status


async def people(client: WandbClient) -> Any:
    async with client.session.get(f"{client.url}/_mockwb/people") as response:
        return await response.json()


def who(state: Any) -> list[str]:
    return [user["name"] for user in state["users"]]


async def test_given_both_ports_then_both_say_that_they_are_there(client, server) -> None:
    for url in (f"{server.url}/ready", f"{server.fixture_url}/health"):
        async with client.session.get(url) as response:
            assert response.status == 200


async def test_given_users_then_names_are_keys_and_commands_may_come_again(client, server) -> None:
    for _ in range(2):
        body = {"username": "u", "password": None, "admin": True}
        assert await send(client, server, "user", command="up", **body) == 200
    assert await send(client, server, "user", command="password", username="u", password="u") == 200
    for command in ("login", "logout"):
        assert await send(client, server, "user", command=command, username="u") == 200
    (user,) = (await people(client))["users"]
    assert (user["name"], user["admin"], user["keys"]) == ("u", True, ["u"])
    await WandbClient(client.session, client.url, "u").start_run(entity="u")
    for _ in range(2):
        assert await send(client, server, "user", command="down", username="u") == 200
    assert (await people(client))["users"] == []
    for name in ("v", "w"):
        await send(client, server, "user", command="up", username=name)
    assert await send(client, server, "user", command="down_all") == 200
    assert who(await people(client)) == []
    assert (await people(client))["in_force"]


async def test_given_an_organization_then_users_join_and_a_team_belongs_to_it(
    client, server
) -> None:
    for name in ("boss", "kim", "lee"):
        await send(client, server, "user", command="up", username=name)
    order = {"orgName": "Org", "username": "boss", "fixtureData": None}
    for _ in range(2):
        assert await send(client, server, "organization", command="up", **order) == 200
    joining = {"members": [{"username": "kim", "role": "viewer"}, {"username": "lee"}]}
    order |= {"fixtureData": joining}
    assert await send(client, server, "organization", command="add_members", **order) == 200
    (found,) = (await people(client))["organizations"]
    assert {one["user"]: one["role"] for one in found["members"]} == {
        "boss": "admin",
        "kim": "viewer",
        "lee": "member",
    }
    data = {"planName": "team", "team": {"name": "crew"}, "organization": {"name": "Org"}}
    for _ in range(2):
        assert await send(client, server, "team", command="up", username="kim", fixtureData=data)
    (team,) = (await people(client))["teams"]
    assert (team["organization"], team["members"][0]["role"]) == ("Org-org", "admin")
    assert await send(client, server, "team", command="down", fixtureData=data) == 200
    assert (await people(client))["teams"] == []
    for _ in range(2):
        assert await send(client, server, "organization", command="down", orgName="Org") == 200
    assert (await people(client))["organizations"] == []


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("user", {"command": "dance", "username": "u"}, 400),
        ("user", {"command": "up"}, 400),
        ("user", {}, 400),
        ("organization", {"command": "dance", "orgName": "o"}, 400),
        ("organization", {"command": "up", "orgName": "o", "username": "nobody"}, 404),
        ("organization", {"command": "add_members", "orgName": "o"}, 404),
        ("team", {"command": "up", "username": "u"}, 400),
        ("team", {"command": "dance", "fixtureData": {"team": {"name": "t"}}}, 400),
    ],
)
async def test_given_what_makes_no_sense_then_it_is_refused(
    client, server, what: str, body: dict[str, Any], status: int
) -> None:
    assert await send(client, server, what, **body) == status


async def test_given_no_fixture_port_then_there_is_no_service(clock: VirtualClock) -> None:
    async with Server(load_config(overlay={"port": 0}), clock) as server:
        assert server.fixture_url is None
