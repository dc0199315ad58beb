"""A few lines of pretend W&B that write down every request and fail the ones they are told to.

For comparing clients with each other: the real SDK and the virtual one get the same script.
"""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from aiohttp import web

from mockwb.clock import Clock, RealClock


class Answer(NamedTuple):
    """What to say instead of yes."""

    status: int
    """0 breaks the connection."""
    headers: Mapping[str, str] = {}
    body: str = '{"error":"slow down"}'


class Exchange(NamedTuple):
    """One attempt as it arrived, and the status it got."""

    at: float
    """Seconds, monotonic."""
    kind: str
    """`file_stream`, `put`, or the GraphQL operation's name."""
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer:
    """Listens on a free port of 127.0.0.1 while the `async with` block lasts."""

    def __init__(
        self,
        script: Mapping[tuple[str, int], Answer] | None = None,
        accepted_headers: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Answer the n-th request (from 1) of a kind as `script[kind, n]` says, else accept it.

        `accepted_headers` go with each accepted file_stream request.
        """
        self._script = script or {}
        self._accepted_headers = accepted_headers or {}
        self._seen: Counter[str] = Counter()
        self._clock = clock or RealClock()
        self.exchanges: list[Exchange] = []
        self.url = ""

    def of_kind(self, kind: str) -> list[Exchange]:
        return [exchange for exchange in self.exchanges if exchange.kind == kind]

    async def __aenter__(self) -> "ScriptedServer":
        app = web.Application(client_max_size=64_000_000)
        app.router.add_post("/graphql", self._graphql)
        app.router.add_post("/files/{entity}/{project}/{run}/file_stream", self._file_stream)
        app.router.add_put("/storage/{name:.*}", self._put)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _record(self, request: web.Request, kind: str) -> web.Response | None:
        at, body = self._clock.now(), await request.read()
        self._seen[kind] += 1
        answer = self._script.get((kind, self._seen[kind]))
        status = answer.status if answer else 200
        self.exchanges.append(
            Exchange(at, kind, request.raw_path, dict(request.headers), body, status)
        )
        if answer is None:
            return None
        if not status and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status or 500, headers=answer.headers, text=answer.body)

    async def _file_stream(self, request: web.Request) -> web.Response:
        refusal = await self._record(request, "file_stream")
        return refusal or web.Response(text="{}", headers=self._accepted_headers)

    async def _put(self, request: web.Request) -> web.Response:
        return await self._record(request, "put") or web.Response()

    async def _graphql(self, request: web.Request) -> web.Response:
        call = await request.json()
        name, variables = call["operationName"], call.get("variables")
        refusal = await self._record(request, name)
        return refusal or web.json_response({"data": self._data(name, variables or {})})

    def _data(self, name: str, variables: Mapping[str, Any]) -> object:
        answers = {
            "Viewer": lambda: {"viewer": {"id": "u", "entity": "team", "username": "ann"}},
            "ServerFeaturesQuery": lambda: {"serverInfo": {"features": []}},
            "OrganizationCoreWeaveOrganizationID": lambda: {"entity": None},
            "UpsertBucket": lambda: {"upsertBucket": {"bucket": _bucket(variables)}},
            "CreateRunFiles": lambda: {"createRunFiles": self._upload_urls(variables["files"])},
        }
        return answers[name]()

    def _upload_urls(self, names: list[str]) -> object:
        files = [{"name": name, "uploadUrl": f"{self.url}/storage/{name}"} for name in names]
        return {"runID": "storage-id", "uploadHeaders": [], "files": files}


def _bucket(variables: Mapping[str, Any]) -> dict[str, Any]:
    entity = {"id": "entity-id", "name": variables.get("entity") or "team"}
    project = {"id": "project-id", "name": variables.get("project") or "uncategorized"}
    return {
        "id": "storage-id",
        "name": variables["name"],
        "displayName": variables.get("displayName") or "fine-run-1",
        "historyLineCount": 0,
        "project": project | {"entity": entity},
    }
