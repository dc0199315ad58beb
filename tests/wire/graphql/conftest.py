"""A schema, and a caller who sends documents to it without HTTP."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from graphql import GraphQLSchema

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from mockwb.record import RequestRecord
from mockwb.target import Surface, Target
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.endpoint import prepare
from mockwb.wire.graphql.engine import GraphQLEngine
from mockwb.wire.graphql.schema_files import load_schema
from mockwb.wire.urls import StorageUrls

BASE_URL = "http://mock.test:8080"


class GraphQLCaller:
    """Sends documents as one user and keeps the record of the last request."""

    def __init__(self, engine: GraphQLEngine, world: World, user: str = "ada") -> None:
        self.engine = engine
        self.world = world
        self.user = user
        self.writer = ""
        self.features: dict[str, bool] = {}
        self.urls = StorageUrls(BASE_URL, b"secret")
        self.target = Target(Surface.GRAPHQL)

    async def send(self, body: bytes) -> tuple[int, Any]:
        """A raw body: status and JSON."""
        record = RequestRecord(Target(Surface.GRAPHQL), 0.0, "POST", "/graphql")
        context = GraphQLContext(
            user=self.user,
            world=self.world,
            record=record,
            urls=self.urls,
            writer=self.writer,
            features=self.features,
        )
        prepared = prepare(self.engine, body)
        record.target.operation = prepared.name
        got = await self.engine.execute(prepared, context)
        self.target = record.target
        return got.status, json.loads(got.body)

    async def ask(self, query: str, /, **variables: object) -> Any:
        """The data of an answer that must succeed."""
        body = {"query": query, "variables": variables, "operationName": ""}
        status, got = await self.send(json.dumps(body).encode())
        assert (status, "errors" in got) == (200, False), got
        return got["data"]

    async def refused(self, query: str, /, **variables: object) -> tuple[int, str]:
        """Status and first message of an answer that must fail."""
        status, got = await self.send(json.dumps({"query": query, "variables": variables}).encode())
        assert got["data"] is None
        return status, got["errors"][0]["message"]


@pytest.fixture(scope="session")
def schema() -> GraphQLSchema:
    return load_schema()


@pytest.fixture
async def caller(schema: GraphQLSchema, clock: VirtualClock) -> AsyncIterator[GraphQLCaller]:
    store = MemoryStore(BlobStore(memory_threshold=1000, max_size=10_000))
    yield GraphQLCaller(GraphQLEngine(schema), World(store, clock, crash_after=300))
    await store.close()
