"""Alerts of runs, read back over HTTP."""

from typing import Any

import pytest

from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import WandbClient

NOTIFY = """
mutation Notify($run: String!, $title: String!, $severity: AlertSeverity, $wait: Duration) {
  notifyScriptableRunAlert(input: {
    entityName: "team", projectName: "vision", runName: $run,
    title: $title, text: "t", severity: $severity, waitDuration: $wait
  }) { success }
}
"""
DELETE = "mutation D($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"


async def notify(client: WandbClient, title: str, run: str = "r1", **more: object) -> None:
    assert (await client.graphql(NOTIFY, run=run, title=title, **more))[0] == 200


async def alerts(client: WandbClient, **query: str) -> dict[str, list[Any]]:
    async with client.session.get(f"{client.url}/_mockwb/alerts", params=query) as answer:
        assert answer.status == 200
        found = await answer.json()
    return {one["run"]: one["alerts"] for one in found["runs"]}


async def test_given_a_title_again_within_its_wait_then_it_is_kept_but_not_delivered(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve()
    await client.start_run()
    began = clock.wall()
    for pause in (0, 4, 1):
        await clock.advance(pause)
        await notify(client, "loss", severity="ERROR", wait=5000)
    await notify(client, "other")
    same = {"title": "loss", "text": "t", "severity": "ERROR", "wait": 5.0}
    by_default = {"title": "other", "text": "t", "severity": "INFO", "wait": 60.0}
    assert (await alerts(client))["r1"] == [
        {**same, "raised_at": began, "delivered": True},
        {**same, "raised_at": began + 4, "delivered": False},
        {**same, "raised_at": began + 5, "delivered": True},
        {**by_default, "raised_at": began + 5, "delivered": True},
    ]


@pytest.mark.parametrize(
    ("query", "runs"),
    [
        ({}, ["r2", "r1"]),
        ({"run": "r2"}, ["r2"]),
        ({"project": "team/vis*", "run": "*1"}, ["r1"]),
        ({"project": "other/*"}, []),
    ],
)
async def test_given_globs_then_only_matching_runs_are_told(
    serve: Serve, query: dict[str, str], runs: list[str]
) -> None:
    client = await serve()
    for run in ("r1", "r2", "silent"):
        await client.start_run(run)
    for run in ("r2", "r1", "r2"):
        await notify(client, "loss", run)
    assert list(await alerts(client, **query)) == runs


async def test_given_a_deleted_run_then_its_alerts_are_gone_and_delay_no_new_ones(
    serve: Serve,
) -> None:
    client = await serve()
    await client.start_run()
    await notify(client, "loss")
    run = '{ project(name: "vision", entityName: "team") { run(name: "r1") { id } } }'
    _, answer = await client.graphql(run)
    assert (await client.graphql(DELETE, id=answer["data"]["project"]["run"]["id"]))[0] == 200
    assert await alerts(client) == {}
    await client.start_run()
    await notify(client, "loss")
    (alert,) = (await alerts(client))["r1"]
    assert alert["delivered"]
