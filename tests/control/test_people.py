"""People through `/_mockwb/people`: declared, replaced, removed, forgotten."""

from typing import Any

import pytest

from tests.conftest import Serve
from tests.wandb_client import WandbClient

ADA = {"name": "ada", "key": "ada-key", "email": "ada@example.com"}


async def ask(
    client: WandbClient, what: str, method: str, body: object = None, **query: str
) -> Any:
    url = f"{client.url}/_mockwb/people{what}"
    async with client.session.request(method, url, json=body, params=query) as response:
        return response.status, await response.json()


async def test_given_nobody_declared_then_everything_is_open(client: WandbClient) -> None:
    await client.start_run(entity="anything")
    status, state = await ask(client, "", "GET")
    assert (status, state["in_force"], state["teams"]) == (200, False, [])
    assert [user["keys"] for user in state["users"]] == [[]]


async def test_given_a_declared_user_then_only_known_keys_are_good_until_all_is_forgotten(
    client: WandbClient,
) -> None:
    assert await ask(client, "/users", "PUT", ADA) == (200, {"name": "ada", "key": "ada-key"})
    status, answer = await client.graphql("{ viewer { username } }")
    assert (status, answer["errors"][0]["message"]) == (
        401,
        "user is not logged in: the API key is not known here",
    )
    ada = WandbClient(client.session, client.url, "ada-key")
    _, answer = await ada.graphql("{ viewer { username email } }")
    assert answer["data"]["viewer"] == {"username": "ada", "email": "ada@example.com"}
    status, state = await ask(client, "", "DELETE")
    assert (status, state["in_force"], state["users"]) == (200, False, [])
    await client.start_run()


async def test_given_no_key_then_one_is_made_up_and_told_once(client: WandbClient) -> None:
    _, first = await ask(client, "/users", "PUT", {"name": "ada"})
    _, second = await ask(client, "/users", "PUT", {"name": "ada", "admin": True})
    assert (len(first["key"]), second["key"]) == (40, None)
    ada = WandbClient(client.session, client.url, first["key"])
    _, answer = await ada.graphql("{ viewer { admin } }")
    assert answer["data"]["viewer"]["admin"] is True


async def test_given_a_replaced_team_then_members_are_the_new_ones_and_accounts_stay(
    client: WandbClient,
) -> None:
    for name in ("ada", "bob"):
        await ask(client, "/users", "PUT", {"name": name, "key": f"{name}-key"})
    await ask(client, "/organizations", "PUT", {"name": "Acme", "members": [{"user": "bob"}]})
    team = {"name": "crew", "organization": "Acme", "members": [{"user": "ada", "role": "admin"}]}
    await ask(client, "/teams", "PUT", team)
    ada = WandbClient(client.session, client.url, "ada-key")
    account = 'createServiceAccount(input: {entityName: "crew", description: "CI"}) { user { id } }'
    assert (await ada.graphql("mutation { " + account + " }"))[0] == 200
    _, state = await ask(client, "/teams", "PUT", {**team, "members": [{"user": "bob"}]})
    (found,) = state["teams"]
    assert found["organization"] == "Acme-org"
    assert [member["user"] for member in found["members"]] == ["bob", "service-1-crew"]
    assert await ada.graphql('{ entity(name: "crew") { id } }') == (200, {"data": {"entity": None}})
    _, state = await ask(client, "/organizations", "DELETE", name="Acme")
    assert (state["organizations"], state["teams"]) == ([], [])


@pytest.mark.parametrize(
    ("what", "body", "status", "message"),
    [
        ("/users", {"name": "a/b"}, 400, "name"),
        ("/users", {"name": "bob", "key": "ada-key"}, 409, "belongs to user ada"),
        ("/users", {"name": "bob", "email": "ada@example.com"}, 409, "belongs to user ada"),
        ("/users", {"name": "crew"}, 409, "the name crew is taken"),
        ("/teams", {"name": "ada"}, 409, "the name ada is taken"),
        ("/teams", {"name": "x", "members": [{"user": "eve"}]}, 404, "user eve not found"),
        ("/teams", {"name": "x", "organization": "y"}, 404, "organization y not found"),
        ("/teams", {"name": "x", "members": [{"user": "ada", "role": "boss"}]}, 400, "role"),
        ("/organizations", {"name": "x", "entity": "crew"}, 409, "the name crew is taken"),
        ("/projects", {"entity": "none", "name": "p"}, 404, "entity none not found"),
    ],
)
async def test_given_what_cannot_be_then_the_answer_says_why(
    client: WandbClient, what: str, body: object, status: int, message: str
) -> None:
    await ask(client, "/users", "PUT", ADA)
    await ask(client, "/teams", "PUT", {"name": "crew"})
    _, before = await ask(client, "", "GET")
    got, answer = await ask(client, what, "PUT", body)
    assert (got, message in answer["error"]) == (status, True), answer
    assert await ask(client, "", "GET") == (200, before)


@pytest.mark.parametrize("what", ["/users", "/teams", "/organizations"])
async def test_given_an_unknown_name_then_there_is_nothing_to_remove(
    client: WandbClient, what: str
) -> None:
    assert (await ask(client, what, "DELETE", name="nobody"))[0] == 404


async def test_given_configured_keys_then_they_outlive_forgetting(serve: Serve) -> None:
    client = await serve(auth={"keys": [{"key": "k" * 40, "user": "kim"}]})
    kim = WandbClient(client.session, client.url, "k" * 40)
    await ask(client, "/users", "PUT", ADA)
    assert (await kim.graphql("{ viewer { username } }"))[0] == 200
    await ask(client, "", "DELETE")
    _, answer = await kim.graphql("{ viewer { username apiKeys { edges { node { name } } } } }")
    assert answer["data"]["viewer"] == {
        "username": "kim",
        "apiKeys": {"edges": [{"node": {"name": "k" * 8}}]},
    }
