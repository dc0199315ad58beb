"""How clients behaved, as a real server saw them over HTTP."""

from typing import Any

import aiohttp
import msgspec
import pytest

from mockwb.client_account import ClientAccounts
from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import UPSERT, WandbClient, history

SLOW = {"run": {"requests": "1/10s"}}
NOTES = '{"_wandb": {"value": {"cli_version": "0.31.0"}}}'

UPSERT_CONFIG = """
mutation UpsertBucket($entity: String, $project: String, $name: String, $config: JSONString) {
  upsertBucket(input: {
    entityName: $entity, modelName: $project, name: $name, config: $config
  }) { inserted }
}
"""


async def behaviour(client: WandbClient, **query: str) -> dict[tuple[str, str | None], Any]:
    url = f"{client.url}/_mockwb/clients"
    async with client.session.get(url, params=query) as answer:
        assert answer.status == 200
        found = msgspec.json.decode(await answer.read(), type=ClientAccounts)
    return {(one.endpoint, one.run): one for one in found.clients}


@pytest.mark.parametrize(("wait", "premature"), [(10.0, 0), (9.9, 1)])
async def test_given_a_refused_client_then_its_retry_is_judged_by_the_advice_it_got(
    serve: Serve, clock: VirtualClock, wait: float, premature: int
) -> None:
    client = await serve(limits=SLOW)
    await client.start_run()
    assert (await client.stream(history(0, 1)))[0] == 200
    status, _, headers = await client.stream(history(1, 1))
    assert (status, headers["RateLimit-Reset"]) == (429, "10")
    await clock.advance(wait)
    await client.stream(history(1, 1))
    seen = (await behaviour(client, project="team/vision", run="r*"))["file_stream", "r1"]
    assert (seen.requests, seen.retries, seen.premature_retries) == (3, 1, premature)
    assert seen.least_patient.waited == pytest.approx(wait)
    assert seen.least_patient.advised == 10.0
    assert seen.requests_while_remaining_zero == 1 + premature
    assert seen.bytes_resent > 10
    async with client.session.get(f"{client.url}/metrics") as answer:
        text = await answer.text()
    counted = 'mockwb_premature_retries_total{project="team/vision"} 1.0' in text
    assert counted is bool(premature)


async def test_given_a_version_in_the_runs_config_then_its_clients_have_it(serve: Serve) -> None:
    client = await serve()
    client.headers["User-Agent"] = "wandb-core"
    await client.graphql(UPSERT_CONFIG, entity="team", project="vision", name="r1", config=NOTES)
    await client.stream(history(0, 1))
    seen = await behaviour(client)
    assert seen["file_stream", "r1"].sdk_version == "0.31.0"
    assert seen["graphql", "r1"].sdk_version == "0.31.0"


async def test_given_a_user_limit_then_a_refused_mutation_and_its_repetition_are_of_its_run(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits={"user": {"requests": "1/10s"}})
    await client.start_run("r0")
    variables = {"entity": "team", "project": "vision", "name": "r1"}
    assert (await client.graphql(UPSERT, **variables))[0] == 429
    await clock.advance(4.0)
    assert (await client.graphql(UPSERT, **variables))[0] == 429
    await clock.advance(10.0)
    assert (await client.graphql(UPSERT, **variables))[0] == 200
    seen = (await behaviour(client, run="r1"))["graphql", "r1"]
    assert (seen.requests, seen.refused) == (3, 2)
    assert (seen.retries, seen.premature_retries) == (2, 1)


async def test_given_the_same_mutation_for_other_runs_then_it_is_no_retry(serve: Serve) -> None:
    client = await serve(limits={"user": {"requests": "1/10s"}})
    await client.start_run("r0")
    for run in ("r1", "r2"):
        await client.graphql(UPSERT, entity="team", project="vision", name=run)
    seen = await behaviour(client)
    assert [one.retries for one in seen.values()] == [0, 0, 0]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"project": "noslash"}, "entity/project"),
        ({"run": ""}, "a run name"),
        ({"user": "ada"}, "expected project, run"),
    ],
)
async def test_given_a_bad_query_then_the_error_says_what_was_expected(
    client: WandbClient, query: dict[str, str], says: str
) -> None:
    async with client.session.get(f"{client.url}/_mockwb/clients", params=query) as answer:
        assert answer.status == 400
        assert says in (await answer.json())["error"]


async def test_given_the_openapi_document_then_it_describes_the_clients(
    client: WandbClient,
) -> None:
    async with client.session.get(f"{client.url}/_mockwb/openapi.json") as answer:
        document = await answer.json()
    assert "get" in document["paths"]["/_mockwb/clients"]
    assert "ClientAccount" in document["components"]["schemas"]


async def test_given_other_mutations_of_the_same_run_then_they_are_no_retries(
    serve: Serve,
) -> None:
    client = await serve(limits={"user": {"requests": "1/10s"}})
    run = {"entity": "team", "project": "vision", "name": "r1"}
    await client.start_run("r0")
    for config in ("{}", NOTES):
        assert (await client.graphql(UPSERT_CONFIG, config=config, **run))[0] == 429
    assert (await behaviour(client))["graphql", "r1"].retries == 0
    assert (await client.graphql(UPSERT_CONFIG, config="{}", **run))[0] == 429
    assert (await behaviour(client))["graphql", "r1"].premature_retries == 1


async def test_given_logins_of_two_processes_then_one_is_not_taken_for_a_retry_of_the_other(
    serve: Serve,
) -> None:
    client = await serve(limits={"user": {"requests": "1/10s"}})
    await client.start_run()
    viewer = "query Viewer { viewer { id } }"
    async with aiohttp.ClientSession() as another:
        for session in (client.session, another):
            assert (await WandbClient(session, client.url).graphql(viewer))[0] == 429
        assert (await behaviour(client))["graphql", None].retries == 0
        assert (await WandbClient(another, client.url).graphql(viewer))[0] == 429
    assert (await behaviour(client))["graphql", None].premature_retries == 1


async def test_given_two_writers_in_shared_mode_then_each_waits_for_itself(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits=SLOW)
    await client.start_run()
    for writer in ("a", "b", "c"):
        headers = {"X-WANDB-ASYNC-CLIENT-ID": writer}
        await client.stream(history(0, 1), headers=headers)
    async with client.session.get(f"{client.url}/_mockwb/clients") as answer:
        found = msgspec.json.decode(await answer.read(), type=ClientAccounts)
    streams = [one for one in found.clients if one.endpoint == "file_stream"]
    assert {one.writer: (one.refused, one.retries) for one in streams} == {
        "a": (0, 0),
        "b": (1, 0),
        "c": (1, 0),
    }
