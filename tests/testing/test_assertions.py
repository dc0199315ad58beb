"""Assertions pass where they should, and where not they name run, key, step, and both values."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from mockwb.testing import (
    MockServer,
    assert_logged,
    assert_no_guidance_findings,
    assert_nothing_lost,
)
from tests.wandb_client import WandbClient, history, rows


class Place:
    """A server and a client with one run."""

    def __init__(self, server: MockServer, client: WandbClient) -> None:
        self.server = server
        self.client = client

    def failure(self, expected: dict[str, Any]) -> str:
        with pytest.raises(AssertionError) as failed:
            assert_logged(self.server.run(), expected)
        return str(failed.value)

    def loss(self) -> str:
        with pytest.raises(AssertionError) as failed:
            assert_nothing_lost(self.server)
        return str(failed.value)

    async def finish(self) -> None:
        assert (await self.client.stream({"complete": True, "exitcode": 0}))[0] == 200


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with MockServer() as server, aiohttp.ClientSession() as session:
        yield Place(server, WandbClient(session, server.url, server.api_key))


@pytest.fixture
async def logged(place: Place) -> Place:
    """Losses 0.0, 0.1, 0.2 at steps 0 to 2, with a dict beside them; the run has ended."""
    await place.client.start_run()
    await place.client.stream(history(0, 3, val={"acc": 0.5}))
    await place.finish()
    return place


@pytest.mark.parametrize(
    "expected",
    [
        {"loss": 0.2},
        {"loss": ...},
        {"loss": float},
        {"loss": lambda value: value < 1},
        {"loss": [0.0, 0.1, 0.2]},
        {"loss": (..., float, pytest.approx(0.2))},
        {"loss": pytest.approx([0, 0.1, 0.2])},
        {"loss": {0: 0.0, 2: 0.2}},
        {"val.acc": 0.5},
        {"val": {"acc": 0.5}},
        {"nothing": []},
        {},
    ],
)
async def test_given_what_was_logged_then_the_assertion_holds(
    logged: Place, expected: dict[str, Any]
) -> None:
    assert_logged(logged.server.run(), expected)
    logged.server.assert_logged("r1", expected)


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"loss": 0.3}, "key 'loss', step 2: expected 0.3, found 0.2 (the last of 3)"),
        ({"loss": str}, "key 'loss', step 2: expected an instance of str, found 0.2"),
        ({"loss": [0.0, 0.5, 0.2]}, "key 'loss', step 1: expected 0.5, found 0.1"),
        ({"loss": [0.0, 0.1]}, "key 'loss': expected 2 values, found 3: [0.0, 0.1, 0.2]"),
        ({"loss": []}, "key 'loss': expected 0 values, found 3"),
        ({"loss": pytest.approx([0, 0.1, 0.3])}, "key 'loss': expected approx([0 "),
        ({"loss": {1: 0.5}}, "key 'loss', step 1: expected 0.5, found 0.1"),
        ({"loss": {7: ...}}, "step 7: expected anything, found nothing (logged at steps 0, 1, 2)"),
        (
            {"los": ...},
            "key 'los': never logged; did you mean 'loss'? The run logged 'loss'",
        ),
        ({"val.acc": 1}, "key 'val.acc', step 2: expected 1, found 0.5"),
    ],
)
async def test_given_something_else_then_the_message_says_where_and_what(
    logged: Place, expected: dict[str, Any], message: str
) -> None:
    failure = logged.failure(expected)
    assert failure.startswith("run team/vision/r1 did not log what was expected")
    assert message in failure


async def test_given_several_differences_then_all_are_told(logged: Place) -> None:
    failure = logged.failure({"loss": [1, 2, 3], "acc": ...})
    assert failure.count("key 'loss', step") == 3
    assert "key 'acc': never logged" in failure


async def test_given_a_run_that_is_not_over_then_the_message_says_that_rows_may_be_on_their_way(
    place: Place,
) -> None:
    await place.client.start_run()
    assert "never logged; the run has logged nothing" in place.failure({"loss": 1})
    assert "the run is running: rows may be on their way" in place.failure({"loss": 1})


async def test_given_a_finished_run_then_nothing_is_lost(logged: Place) -> None:
    assert_nothing_lost(logged.server)
    logged.server.assert_nothing_lost()


async def test_given_no_run_then_nothing_lost_cannot_be_said(place: Place) -> None:
    assert "no run has reached the server" in place.loss()


async def test_given_a_run_that_has_not_ended_or_has_crashed_then_it_is_named(
    place: Place,
) -> None:
    await place.client.start_run()
    assert "run team/vision/r1: running; it has not ended" in place.loss()
    place.server.clock.advance("1h")
    assert "run team/vision/r1: crashed; it fell silent: it ended without" in place.loss()
    summary = {"wandb-summary.json": {"offset": 0, "content": ['{"_step": 7}']}}
    await place.client.stream({"files": {**history(0, 2)["files"], **summary}})
    place.server.clock.advance("1h")
    assert "had logged up to step 7, the last row is of step 1" in place.loss()
    assert place.server.run().delivery.verdict == "incomplete"


async def test_given_missing_lines_then_file_and_lines_are_named(place: Place) -> None:
    await place.client.start_run()
    await place.client.stream(history(0, 2))
    await place.client.stream(history(5, 1))
    await place.finish()
    missing = "wandb-history.jsonl: lines 2 to 4 never arrived, though later ones did"
    assert f"run team/vision/r1: {missing}" in place.loss()
    assert missing in place.failure({"loss": [..., ..., ..., ...]})
    await place.client.stream(history(2, 3))
    await place.finish()
    assert_nothing_lost(place.server)


async def test_given_a_refused_request_then_it_is_lost_until_it_comes_through(
    place: Place,
) -> None:
    await place.client.start_run()
    place.server.limits.set(project={"requests": "1/1h"})
    await place.client.stream(history(0, 2))
    await place.client.stream({"files": {"wandb-history.jsonl": rows(2, 2)}, "complete": True})
    assert (
        "run team/vision/r1: POST /files/team/vision/r1/file_stream was answered 429 by the limit"
        " project.requests, and never came through afterwards"
    ) in place.loss()
    lines = "lines 2 to 3 came only in requests that were not accepted"
    assert f"run team/vision/r1: wandb-history.jsonl: {lines}" in place.loss()
    assert place.server.run().delivery.missing == [("wandb-history.jsonl", 2, 4)]
    place.server.clock.advance("1h")
    await place.client.stream({"files": {"wandb-history.jsonl": rows(2, 2)}, "complete": True})
    assert_nothing_lost(place.server)


async def test_given_rows_that_took_the_place_of_others_then_those_are_lost(logged: Place) -> None:
    await logged.client.stream({**history(1, 2, other=1), "complete": True, "exitcode": 0})
    assert "run team/vision/r1: 2 rows were overwritten by others" in logged.loss()


async def test_given_a_run_that_could_not_be_created_then_it_is_lost(place: Place) -> None:
    place.server.limits.freeze()
    query = (
        'mutation UpsertBucket { upsertBucket(input: {entityName: "team", modelName: "vision"})'
        " { inserted } }"
    )
    assert (await place.client.graphql(query))[0] == 429
    assert "UpsertBucket was answered 429 by the limit server.freeze" in place.loss()
    place.server.limits.release()
    assert (await place.client.graphql(query))[0] == 200
    assert "server.freeze" not in place.loss()


async def test_given_ranges_of_guidance_then_those_left_are_named_with_amounts_and_advice() -> None:
    async with MockServer(guidance={"metrics_per_project": 2}) as server:
        with pytest.raises(AssertionError, match="no run has reached the server"):
            assert_no_guidance_findings(server)
        async with aiohttp.ClientSession() as session:
            client = WandbClient(session, server.url, server.api_key)
            await client.start_run()
            await client.stream(history(0, 1, acc=1))
            assert_no_guidance_findings(server)
            await client.stream(history(1, 1, more=1))
        assert [finding.range for finding in server.findings] == ["metrics_per_project"]
        with pytest.raises(AssertionError) as failed:
            server.assert_no_guidance_findings()
        first, *rest = str(failed.value).splitlines()
        assert first == "W&B's guidance was not kept"
        (finding,) = server.findings
        assert rest == [
            "  project team/vision: metrics_per_project: 3 metrics, recommended are at most 2."
            f" {finding.advice} (W&B docs, Experiments limits and performance)"
        ]
