from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.benchmarks.floor import answer
from tests.benchmarks.load import Spec, drive, quantile


@pytest.fixture
async def floor_port() -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/files/{rest:.*}", answer)
    async with TestServer(app) as server:
        assert server.port is not None
        yield server.port


def spec(port: int, case: str) -> Spec:
    return Spec(
        port=port,
        case=case,
        entity="e",
        project="p",
        runs=["a", "b", "c"],
        connections=2,
        seconds=0.05,
    )


@pytest.mark.parametrize("case", ["heartbeat", "one small row", "100 rows x 100 metrics"])
async def test_given_a_server_then_the_driver_counts_what_it_answered(
    floor_port: int, case: str
) -> None:
    result = await drive(spec(floor_port, case))
    assert result.failures == 0
    assert 0 < result.requests <= result.answered
    assert 0 < result.p50 <= result.p99
    rows = {"heartbeat": 0, "one small row": 1, "100 rows x 100 metrics": 100}[case]
    assert result.rows_sent == rows * result.answered


async def test_given_answers_other_than_200_then_they_are_failures_and_not_requests() -> None:
    async def refuse(_request: web.Request) -> web.Response:
        return web.json_response({}, status=429)

    app = web.Application()
    app.router.add_post("/files/{rest:.*}", refuse)
    async with TestServer(app) as server:
        assert server.port is not None
        result = await drive(spec(server.port, "heartbeat"))
    assert (result.requests, result.answered) == (0, 0)
    assert result.failures > 0


async def test_given_a_body_that_is_not_json_then_the_floor_refuses_it(floor_port: int) -> None:
    import aiohttp

    bad = '{"files":{"wandb-history.jsonl":{"offset":0,"content":["{no"]}}}'
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{floor_port}/files/x"
        async with session.post(url, data=bad) as reply:
            assert reply.status == 400
        async with session.post(url, data="{}") as reply:
            assert reply.status == 200
            assert {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= set(
                reply.headers
            )


def test_given_latencies_then_a_quantile_is_one_of_them() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert (quantile(values, 0.5), quantile(values, 0.99), quantile([], 0.5)) == (50.0, 99.0, 0.0)
