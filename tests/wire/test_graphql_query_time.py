"""The query-time budget of a project: a base before a request runs, the rest afterwards."""

from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import UPSERT, WandbClient
from tests.wire.test_graphql_limits import VIEWER, ask, usage

RUNS = """
query Runs($project: String = "vision") {
  project(entityName: "team", name: $project) { runs { edges { node { name } } } }
}
"""
COSTS = {
    "operations": {
        "Runs": {"base": "100ms", "per_item": "300ms"},
        "UpsertBucket": {"base": "1ms", "per_item": 0},
    }
}
BUDGET = {"project": {"query_time": "1s/1m"}, "query_costs": COSTS}


async def with_runs(client: WandbClient, count: int) -> WandbClient:
    for number in range(count):
        await client.start_run(f"r{number}")
    return client


async def used(client: WandbClient) -> int:
    return (await usage(client))["project.query_time team/vision"]


async def test_given_a_query_then_its_base_and_its_items_are_charged(serve: Serve) -> None:
    client = await with_runs(await serve(limits=BUDGET), 2)
    assert await used(client) == 2
    status, _, told = await ask(client, RUNS)
    assert status == 200
    assert await used(client) == 2 + 100 + 2 * 300
    # What came on top is in the headers already.
    assert told["RateLimit-Remaining"] == "298"


async def test_given_an_answer_dearer_than_the_rest_then_the_next_ones_wait_until_it_drained(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await with_runs(await serve(limits=BUDGET), 9)
    await clock.advance(10)
    status, _, told = await ask(client, RUNS)
    assert (status, told["RateLimit-Remaining"]) == (200, "0")
    debt = await used(client)
    assert debt == 9 + 100 + 9 * 300
    status, answer, told = await ask(client, RUNS)
    assert status == 429
    assert "1s/1m query_time for project team/vision" in answer["errors"][0]["message"]
    assert told["Retry-After"] == "60"
    assert (await ask(client, UPSERT, entity="team", project="vision", name="r0"))[0] == 429
    assert (await ask(client, RUNS, project="audio"))[0] == 200
    assert (await ask(client, VIEWER))[0] == 200
    await clock.advance(59)
    assert (await ask(client, RUNS))[0] == 429
    await clock.advance(1)
    assert (await ask(client, RUNS))[0] == 200


async def test_given_a_request_that_names_no_project_then_it_has_no_budget(serve: Serve) -> None:
    client = await serve(limits=BUDGET)
    status, _, told = await ask(client, VIEWER)
    assert (status, told) == (200, {})
    assert await usage(client) == {}


async def test_given_a_query_that_fails_then_only_its_base_is_charged(serve: Serve) -> None:
    client = await serve(limits=BUDGET)
    query = RUNS.replace("runs {", 'runs(filters: "{") {')
    await with_runs(client, 1)
    status, _, told = await ask(client, query)
    assert status == 400
    assert told["RateLimit-Remaining"]
    assert await used(client) == 1 + 100


async def test_given_an_override_without_a_limit_then_that_project_is_free(serve: Serve) -> None:
    project = {
        "query_time": "100ms/1m",
        "overrides": [{"match": "team/vision", "query_time": "unlimited"}],
    }
    client = await with_runs(await serve(limits={**BUDGET, "project": project}), 3)
    for _ in range(3):
        assert (await ask(client, RUNS))[0::2] == (200, {})


class _SlowClock(VirtualClock):
    """Every look at it takes 10 ms."""

    def now(self) -> float:
        self.set(super().now() + 0.01)
        return super().now()


async def test_given_measured_time_then_what_really_passed_is_charged(serve: Serve) -> None:
    limits = {**BUDGET, "query_costs": {**COSTS, "time": "measured"}}
    client = await serve(_SlowClock(), limits=limits)
    await client.start_run()
    assert 10 <= await used(client) < 200  # 1 by the table
