"""Limits that GraphQL requests meet: per user, per address, and on new runs."""

from typing import Any

import pytest

from mockwb.backend.node_ids import node_id
from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import KEY, UPSERT, WandbClient, authorization

VIEWER = "{ viewer { username } }"
LIMIT_HEADERS = {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}


async def ask(
    client: WandbClient,
    query: str = VIEWER,
    headers: dict[str, str] | None = None,
    /,
    **variables: object,
) -> tuple[int, Any, dict[str, str]]:
    """Status, JSON and the headers that limits add."""
    async with client.session.post(
        f"{client.url}/graphql",
        json={"query": query, "variables": variables},
        headers=client.headers if headers is None else headers,
    ) as response:
        told = {name: text for name, text in response.headers.items() if name in LIMIT_HEADERS}
        return response.status, await response.json(), told


async def statuses(client: WandbClient, count: int, *args: Any, **variables: object) -> list[int]:
    return [(await ask(client, *args, **variables))[0] for _ in range(count)]


async def usage(client: WandbClient) -> dict[str, int]:
    """Used of every window, by scope, limit and key."""
    async with client.session.get(f"{client.url}/_mockwb/limits") as response:
        windows = (await response.json())["windows"]
    return {f"{w['scope']}.{w['limit']} {w['key']}": w["used"] for w in windows}


async def test_given_a_user_limit_then_each_user_has_one_and_is_told_when_to_come_back(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits={"user": {"requests": "2/1m"}})
    _, _, first = await ask(client)
    assert first == {
        "RateLimit-Limit": "1000",
        "RateLimit-Remaining": "500",
        "RateLimit-Reset": "60",
    }
    await clock.advance(20)
    assert (await ask(client))[0] == 200
    status, answer, told = await ask(client)
    assert status == 429
    assert answer["error"].startswith("rate limit exceeded: 2/1m requests for user ")
    assert answer["errors"] == [{"message": answer["error"]}]
    # The next request passes when the first one has left the window; it is empty later.
    assert told == {**first, "RateLimit-Remaining": "0", "Retry-After": "40"}
    assert (await ask(client, VIEWER, authorization(KEY[::-1])))[0] == 200
    await clock.advance(40)
    assert await statuses(client, 2) == [200, 429]


async def test_given_fixed_retry_after_then_graphql_says_that(serve: Serve) -> None:
    client = await serve(limits={"user": {"requests": "0/1m"}, "graphql_retry_after": "7s"})
    assert (await ask(client))[2]["Retry-After"] == "7"


@pytest.mark.parametrize(
    "query", ["{ nonsense }", "{", 'mutation { stopRun(input: {id: "x"}) { success } }']
)
async def test_given_a_request_that_fails_then_it_counts_and_carries_the_headers(
    serve: Serve, query: str
) -> None:
    client = await serve(limits={"user": {"requests": "2/1m"}})
    status, answer, told = await ask(client, query)
    assert status in (400, 404)
    assert answer["data"] is None
    assert told["RateLimit-Remaining"] == "500"
    assert await statuses(client, 2, query) == [status, 429]


async def test_given_a_body_that_is_no_request_then_it_counts_too(serve: Serve) -> None:
    client = await serve(limits={"user": {"requests": "1/1m"}})
    for status in (400, 429):
        async with client.session.post(
            f"{client.url}/graphql", data=b"{", headers=client.headers
        ) as response:
            assert response.status == status
            assert response.headers["RateLimit-Remaining"] == "0"
            assert (await response.json())["errors"][0]["message"]


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Digest x"}, authorization("short"), authorization("y" * 40)]
)
async def test_given_an_ip_limit_then_requests_without_a_good_key_count(
    serve: Serve, clock: VirtualClock, headers: dict[str, str]
) -> None:
    client = await serve(
        auth={"keys": [{"key": KEY}]},
        limits={"ip": {"requests": "2/1m"}, "user": {"requests": "9/1m"}},
    )
    status, answer, told = await ask(client, VIEWER, headers)
    assert status == 401
    assert told["RateLimit-Remaining"] == "500"
    assert "Retry-After" not in told
    assert await statuses(client, 2, VIEWER, headers) == [401, 429]
    status, answer, told = await ask(client, VIEWER, headers)
    assert status == 429
    assert "2/1m requests for ip 127.0.0.1" in answer["errors"][0]["message"]
    assert told["Retry-After"] == "60"
    # Whoever has a key is another matter, at the same address.
    assert (await ask(client))[0] == 200
    await clock.advance(60)
    assert (await ask(client, VIEWER, headers))[0] == 401
    assert "ip.requests 127.0.0.1" in await usage(client)


async def test_given_no_ip_limit_then_401_says_nothing_of_limits(serve: Serve) -> None:
    client = await serve(limits={"user": {"requests": "1/1m"}})
    status, _, told = await ask(client, VIEWER, {})
    assert (status, told) == (401, {})


async def test_given_a_trusted_proxy_then_each_client_behind_it_has_a_limit(serve: Serve) -> None:
    client = await serve(limits={"ip": {"requests": "1/1m"}}, trusted_proxies=["127.0.0.0/8"])
    for forwarded, status in (
        ("192.0.2.1", 401),
        ("6.6.6.6, 192.0.2.1", 429),
        ("192.0.2.1, 192.0.2.2, 127.0.0.9", 401),
    ):
        assert (await ask(client, VIEWER, {"X-Forwarded-For": forwarded}))[0] == status
    assert (await usage(client)).keys() == {"ip.requests 192.0.2.1", "ip.requests 192.0.2.2"}


async def test_given_an_untrusted_peer_then_what_it_forwards_is_ignored(serve: Serve) -> None:
    client = await serve(limits={"ip": {"requests": "1/1m"}}, trusted_proxies=["10.0.0.0/8"])
    for forwarded, status in (("192.0.2.1", 401), ("192.0.2.2", 429)):
        assert (await ask(client, VIEWER, {"X-Forwarded-For": forwarded}))[0] == status


def upsert(name: str | None = None, project: str = "vision") -> dict[str, Any]:
    return {"entity": "team", "project": project, "name": name}


async def test_given_a_limit_on_new_runs_then_only_inserting_costs_one(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits={"project": {"run_creations": "2/1m"}})
    for name, remaining in (("r1", "500"), ("r2", "0")):
        status, answer, told = await ask(client, UPSERT, **upsert(name))
        assert answer["data"]["upsertBucket"]["inserted"] is True
        assert (status, told["RateLimit-Remaining"]) == (200, remaining)
    # Updating and resuming, by name and by id, goes on.
    status, answer, told = await ask(client, UPSERT, **upsert("r1"))
    assert (status, answer["data"]["upsertBucket"]["inserted"], told) == (200, False, {})
    run_id = node_id("Run", "v1", "r1", "vision", "team")
    assert (await ask(client, UPSERT, id=run_id))[0] == 200
    status, answer, told = await ask(client, UPSERT, **upsert("r3"))
    assert status == 429
    assert "2/1m run_creations for project team/vision" in answer["error"]
    assert told["Retry-After"] == "60"
    assert (await ask(client, UPSERT, **upsert()))[0] == 429
    assert (await ask(client, UPSERT, **upsert("r3", "audio")))[0] == 200
    await clock.advance(60)
    assert (await ask(client, UPSERT, **upsert("r3")))[0] == 200


async def test_given_a_refused_creation_then_nothing_is_made_and_nothing_is_charged(
    serve: Serve,
) -> None:
    client = await serve(
        limits={"project": {"run_creations": "1/1m"}, "user": {"requests": "100/1m"}}
    )
    await ask(client, UPSERT, **upsert("r1"))
    before = await usage(client)
    assert (await ask(client, UPSERT, **upsert("r2")))[0] == 429
    assert await usage(client) == before
    _, answer, _ = await ask(
        client,
        '{ project(entityName: "team", name: "vision") { totalRuns run(name: "r2") { id } } }',
    )
    assert answer["data"]["project"] == {"totalRuns": 1, "run": None}


async def test_given_a_full_user_window_then_the_creation_is_not_charged_either(
    serve: Serve,
) -> None:
    client = await serve(
        limits={"project": {"run_creations": "5/1m"}, "user": {"requests": "1/1m"}}
    )
    assert await statuses(client, 2, UPSERT, **upsert()) == [200, 429]
    used = await usage(client)
    assert used["project.run_creations team/vision"] == 1


async def test_given_several_new_runs_in_one_document_then_all_or_none_are_made(
    serve: Serve,
) -> None:
    client = await serve(limits={"project": {"run_creations": "3/1m"}})
    two = """
    mutation($a: String, $b: String) {
      a: upsertBucket(input: {entityName: "team", modelName: "vision", name: $a}) { inserted }
      b: upsertBucket(input: {entityName: "team", modelName: "vision", name: $b}) { inserted }
    }
    """
    assert (await ask(client, two, a="r1", b="r2"))[0] == 200
    assert (await ask(client, two, a="r3", b="r4"))[0] == 429
    assert (await usage(client))["project.run_creations team/vision"] == 2
    assert (await ask(client, two, a="r1", b="r3"))[0] == 200
    assert (await ask(client, two, a="r2", b="r3"))[0] == 200


async def test_given_an_upsert_that_fails_then_no_creation_is_charged(serve: Serve) -> None:
    client = await serve(limits={"project": {"run_creations": "1/1m"}})
    assert await statuses(client, 2, UPSERT, **upsert("a/b")) == [400, 400]
    assert (await ask(client, UPSERT, **upsert("r1")))[0] == 200


async def test_given_a_refused_request_then_its_run_s_account_tells_of_it(serve: Serve) -> None:
    client = await serve(limits={"user": {"requests": "1/1m"}})
    assert await statuses(client, 2, UPSERT, **upsert("r1")) == [200, 429]
    account = await client.run_account("r1")
    assert account["operations"] == {"UpsertBucket": 2}
    assert sum(account["refused"].values()) == 1
