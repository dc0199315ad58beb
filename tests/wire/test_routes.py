"""Which handler answers which path, and which is kept for the next request of its path."""

from collections.abc import AsyncIterator, Mapping

import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer, TestClient

from mockwb.clock import VirtualClock
from mockwb.observe.onlookers import Onlookers
from mockwb.wire import routes as module
from mockwb.wire.exchange import Exchange, Handler
from mockwb.wire.routes import Routes


class Bound:
    """Counts how often a handler is made."""

    def __init__(self) -> None:
        self.made: list[Mapping[str, str]] = []

    def bind(self, fields: Mapping[str, str]) -> Handler:
        self.made.append(fields)

        async def handle(_: web.BaseRequest) -> web.Response:
            return web.Response(text=fields["run"])

        return handle


@pytest.fixture
def bound() -> Bound:
    return Bound()


@pytest.fixture
async def client(bound: Bound) -> AsyncIterator[TestClient]:
    async def other(_: web.BaseRequest) -> web.Response:
        return web.Response(text="other")

    routes = Routes(Exchange(VirtualClock(), Onlookers([])))
    routes.add("GET", "/{rest:.*}", other)
    routes.add_bound("POST", "/files/{run}/stream", bound.bind)
    async with TestClient(RawTestServer(routes.dispatch)) as client:
        yield client


async def test_given_a_path_again_then_its_handler_is_the_same(client, bound) -> None:
    for run in ("a", "b", "a", "b"):
        assert await (await client.post(f"/files/{run}/stream")).text() == run
    assert bound.made == [{"run": "a"}, {"run": "b"}]


async def test_given_a_path_with_a_query_or_escapes_then_its_fields_are_read_all_the_same(
    client, bound
) -> None:
    assert await (await client.post("/files/a/stream?x=1")).text() == "a"
    assert await (await client.post("/files/a%20b/stream")).text() == "a b"


async def test_given_another_method_then_the_kept_handler_does_not_take_it(client, bound) -> None:
    await client.post("/files/a/stream")
    assert await (await client.get("/files/a/stream")).text() == "other"
    refused = await client.delete("/files/a/stream")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, POST")


async def test_given_more_paths_than_are_kept_then_all_are_answered(
    client, bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST_BOUND", 2)
    for run in ("a", "b", "c", "a"):
        assert await (await client.post(f"/files/{run}/stream")).text() == run
    assert [fields["run"] for fields in bound.made] == ["a", "b", "c", "a"]
