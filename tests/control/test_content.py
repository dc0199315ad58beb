"""The digest of what a run logged, read over HTTP."""

import msgspec

from mockwb.content import MOST_RUNS, ContentDigest, Contents
from tests.wandb_client import WandbClient, history


async def contents(client: WandbClient, **query: str) -> Contents:
    async with client.session.get(f"{client.url}/_mockwb/content", params=query) as answer:
        assert answer.status == 200
        return msgspec.json.decode(await answer.read(), type=Contents)


async def test_given_rows_that_came_out_of_order_then_the_digest_is_over_their_steps(
    client: WandbClient,
) -> None:
    await client.start_run()
    await client.stream(history(200, 250))
    await client.stream(history(0, 200))
    digest = ContentDigest()
    for step in range(450):
        digest.add({"loss": step / 10})
    expected = digest.content("team", "vision", "r1")
    assert expected.rows == 450
    assert (await contents(client, project="team/vision", run="r1")).runs == [expected]


async def test_given_globs_then_only_runs_that_match_are_told(client: WandbClient) -> None:
    for run, project in (("a-1", "vision"), ("b-1", "vision"), ("a-2", "speech")):
        await client.start_run(run, project=project)
    told = (await contents(client, run="a-*")).runs
    assert sorted((one.project, one.run, one.rows) for one in told) == [
        ("speech", "a-2", 0),
        ("vision", "a-1", 0),
    ]
    assert (await contents(client, project="team/nothing")).runs == []


async def test_given_more_runs_than_are_told_at_once_then_the_others_are_counted(
    client: WandbClient,
) -> None:
    for number in range(MOST_RUNS + 2):
        await client.start_run(f"r{number}")
    told = await contents(client)
    assert (len(told.runs), told.left_out) == (MOST_RUNS, 2)
