"""W&B's guidance, watched over HTTP: findings, figures, the account and `/metrics`."""

import json
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mockwb.clock import VirtualClock
from mockwb.guidance import Finding, Guidance, KeyFigure
from tests.conftest import Serve
from tests.wandb_client import WandbClient, history

UPSERT_CONFIG = """
mutation UpsertBucket($project: String, $name: String, $config: JSONString) {
  upsertBucket(input: {
    entityName: "team", modelName: $project, name: $name, config: $config
  }) { inserted }
}
"""
DELETE = """
mutation DeleteRun($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }
"""


def body(*rows: dict[str, Any], offset: int = 0) -> dict[str, Any]:
    content = [json.dumps({"_step": offset + n, **row}) for n, row in enumerate(rows)]
    return {"files": {"wandb-history.jsonl": {"offset": offset, "content": content}}}


async def guidance(client: WandbClient, **query: str) -> Guidance:
    url = f"{client.url}/_mockwb/guidance"
    async with client.session.get(url, params=query) as answer:
        assert answer.status == 200
        return msgspec.json.decode(await answer.read(), type=Guidance)


async def findings(client: WandbClient, **query: str) -> dict[tuple[str, str | None], Finding]:
    told = (await guidance(client, **query)).findings
    return {(finding.range, finding.run): finding for finding in told}


async def gauge(client: WandbClient) -> dict[tuple[str, str], float]:
    async with client.session.get(f"{client.url}/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    return {
        (sample.labels["range"], sample.labels["project"]): sample.value
        for family in families
        if family.name == "mockwb_guidance_findings"
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("row", "metrics"),
    [
        ({"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}}, 4),
        ({"a": 1, "b": {"c": "hello", "d": [1, 2, 3]}}, 3),
    ],
)
async def test_given_an_example_of_the_page_then_it_counts_as_many_metrics_as_there(
    client: WandbClient, row: dict[str, Any], metrics: int
) -> None:
    await client.start_run()
    for offset in range(3):
        await client.stream(body({**row, "_timestamp": 100.5, "_runtime": 1}, offset=offset))
    (project,) = (await guidance(client)).projects
    assert (project.entity, project.project) == ("team", "vision")
    assert project.peaks["metrics_per_project"] == metrics
    assert project.metrics_error == 0


async def test_given_modest_logging_then_nothing_is_found(client: WandbClient) -> None:
    await client.start_run()
    await client.stream(body(*({"_timestamp": n, "loss": 1} for n in range(100))))
    assert (await guidance(client)).findings == []
    assert (await client.run_account())["guidance"] == []
    assert await gauge(client) == {}


async def test_given_a_run_that_logs_too_much_then_every_place_shows_it(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(
        guidance={"rows_per_minute": 10, "value_size": "20kB", "metrics_per_project": 4}
    )
    await client.start_run()
    await client.start_run("calm")
    await client.stream(body({"_timestamp": 7, "loss": 1}), run="calm")
    clock.set(50)
    many = [{"_timestamp": 100 + n, "loss": 1} for n in range(20)]
    wide = {"_timestamp": 300, "loss": 1, "wide": ["x" * 30_000], "b": {"c": 1, "d": 1, "e": 1}}
    await client.stream(body(*many, wide))
    found = await findings(client)
    assert {where: (one.peak, one.limit, one.key) for where, one in found.items()} == {
        ("rows_per_minute", None): (20, 10, None),
        ("rows_per_minute", "r1"): (20, 10, None),
        ("value_size", "r1"): (30_004, 20_000, "wide"),
        ("metrics_per_project", None): (5, 4, None),
    }
    assert {one.since for one in found.values()} == {clock.wall()}
    assert set(await findings(client, run="r1")) == {
        ("rows_per_minute", "r1"),
        ("value_size", "r1"),
    }
    assert await findings(client, project="team/other") == {}
    assert (await client.run_account())["guidance"] == ["rows_per_minute", "value_size"]
    assert (await client.run_account("calm"))["guidance"] == []
    assert await gauge(client) == {
        ("rows_per_minute", "team/vision"): 2,
        ("value_size", "team/vision"): 1,
        ("metrics_per_project", "team/vision"): 1,
    }
    (figures,) = (await guidance(client)).projects
    assert figures.largest_values == [KeyFigure(key="wide", amount=30_004)]
    assert figures.largest_groups[0] == KeyFigure(key="b", amount=3)


async def test_given_rows_sent_again_then_they_count_once(serve: Serve) -> None:
    client = await serve(guidance={"steps_per_run": 3, "rows_per_minute": 3})
    await client.start_run()
    rows = [{"_timestamp": 5 + n, "loss": n} for n in range(4)]
    for _ in range(3):
        await client.stream(body(*rows[:3]))
    assert (await guidance(client)).findings == []
    await client.stream(body(*rows))
    assert set(await findings(client)) == {
        ("steps_per_run", "r1"),
        ("rows_per_minute", "r1"),
        ("rows_per_minute", None),
    }


async def test_given_a_large_config_then_its_bytes_are_told(serve: Serve) -> None:
    client = await serve(guidance={"config_size": "1kB"})
    config = json.dumps({"text": {"value": "ä" * 1000}}, ensure_ascii=False)
    for name, text in (("small", "{}"), ("large", config)):
        await client.graphql(UPSERT_CONFIG, project="vision", name=name, config=text)
    await client.start_run("large")
    (finding,) = (await guidance(client)).findings
    assert (finding.range, finding.run) == ("config_size", "large")
    assert finding.measured == len(config.encode())


async def test_given_runs_beyond_the_range_then_deleting_some_lowers_the_figure(
    serve: Serve,
) -> None:
    client = await serve(guidance={"runs_per_project": 2})
    buckets = [await client.start_run(f"r{n}") for n in range(3)]
    status, answer = await client.graphql(DELETE, id=buckets[0]["id"])
    assert (status, answer.get("errors")) == (200, None)
    await client.start_run("r1")
    (finding,) = (await guidance(client)).findings
    assert (finding.range, finding.run) == ("runs_per_project", None)
    assert (finding.measured, finding.peak) == (2, 3)


async def test_given_a_hasty_user_of_the_public_api_then_the_pace_is_found(client) -> None:
    client.headers |= {"User-Agent": "W&B Public Client 0.31.0"}
    for _ in range(61):
        await client.graphql("query Viewer { viewer { id } }")
    (finding,) = (await guidance(client)).findings
    assert (finding.range, finding.peak) == ("api_requests_per_minute", 61)
    assert finding.user
    assert await gauge(client) == {("api_requests_per_minute", ""): 1}


async def test_given_a_range_switched_off_then_it_is_not_watched(serve: Serve) -> None:
    client = await serve(guidance={"steps_per_run": "unlimited"})
    ranges = (await guidance(client)).ranges
    assert "steps_per_run" not in ranges
    assert ranges["rows_per_minute"] == 1000


async def test_given_a_watch_that_is_off_then_nothing_is_found(serve: Serve) -> None:
    client = await serve(guidance={"enabled": False, "metrics_per_project": 0})
    await client.start_run()
    await client.stream(history(0, 1))
    async with client.session.get(f"{client.url}/_mockwb/guidance") as response:
        told = await response.json()
    assert (told["findings"], told["ranges"], told["projects"]) == ([], {}, [])
