"""Passes W&B's own paths on to another server, a real W&B perhaps, in place of the handlers here.

Faults and limits apply on the way, and onlookers see each request; what the other server agreed to
is repeated here (`mirror`), for them to know of runs and rows. Keys pass through and stay nowhere.
"""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

import aiohttp
import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.gate.authentication import user_of_header
from mockwb.gate.gate import Gate
from mockwb.record import RequestRecord
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.wire.body import gunzipped, next_chunk, read_body
from mockwb.wire.errors import RequestError
from mockwb.wire.exchange import record_of
from mockwb.wire.fault_effects import Affliction, FaultEffects
from mockwb.wire.file_stream import WRITER
from mockwb.wire.graphql.demand import insertions, place_named, upserts
from mockwb.wire.graphql.endpoint import prepare
from mockwb.wire.graphql.engine import GraphQLEngine
from mockwb.wire.graphql.listed_items import count_items
from mockwb.wire.mirror import Mirror
from mockwb.wire.streamed_chunks import note_chunks, update_decoder

_RUN_PATH = re.compile(r"/files/([^/]+)/([^/]+)/([^/]+)/(.+)")
_PATIENCE = 300.0
"""Seconds without a byte from the other server."""
_NOT_OK = 300
_HOP = frozenset(
    {
        *("connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authenticate", "proxy-authorization", "proxy-connection"),
    }
)
"""Headers between two neighbours only."""
_NOT_ASKED = _HOP | {"host", "accept-encoding", "expect"}
_NOT_ANSWERED = _HOP | {"content-encoding", "content-length"}
"""Answers are asked for without compression; bodies get their length anew."""


class ProxyHandler:
    """Answers everything with what the other server says."""

    def __init__(
        self,
        upstream: str,
        gate: Gate,
        engine: GraphQLEngine,
        world: World,
        bodies: BodiesConfig,
        effects: FaultEffects,
    ) -> None:
        """Pass on to the server at `upstream`; `engine` and `world` say what GraphQL is about."""
        self._upstream = upstream.rstrip("/")
        self._gate = gate
        self._engine = engine
        self._world = world
        self._bodies = bodies
        self._effects = effects
        self._mirror = Mirror(world)
        self._session: aiohttp.ClientSession | None = None

    async def pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        """What the other server answers, unless a limit or a fault answers first."""
        record = record_of(request)
        user = user_of_header(request.headers.get(hdrs.AUTHORIZATION))
        record.caller = Caller(user, record.caller.ip)
        passing = await self._understood(request, record)
        if self._gate.faults.active:
            effect = await self._gate.fault(record)
            if effect is not None:
                proceed = partial(self._admitted, request, passing)
                return await self._effects.around(effect, request, proceed)
        return await self._admitted(request, passing)

    async def close(self) -> None:
        """Close the connections to the other server."""
        if self._session is not None:
            await self._session.close()

    async def _understood(self, request: web.BaseRequest, record: RequestRecord) -> "_Passing":
        """Name what the request is about."""
        if record.path == "/graphql":
            return await self._understood_graphql(request, record)
        run = _RUN_PATH.fullmatch(record.path)
        if run is not None:
            streams = request.method == hdrs.METH_POST and run[4] == "file_stream"
            surface = Surface.FILE_STREAM if streams else Surface.STORAGE
            record.target = Target(surface, *map(unquote, run.group(1, 2, 3)))
            record.writer = request.headers.get(WRITER, "") if streams else ""
        elif record.path.startswith("/storage/"):
            record.target = Target(Surface.STORAGE)
        elif record.path.startswith("/sdk/otel/"):
            record.target = Target(Surface.TELEMETRY)
        return _Passing()

    async def _understood_graphql(
        self, request: web.BaseRequest, record: RequestRecord
    ) -> "_Passing":
        record.target = target = Target(Surface.GRAPHQL)
        body = await read_body(request, self._bodies)
        plain = await gunzipped(request, body, self._bodies)
        record.fingerprint = hash(plain)
        prepared = prepare(self._engine, plain)
        target.operation = prepared.name
        passing = _Passing(body)
        if prepared.operation is None:
            return passing
        asked = prepared.operation, prepared.variables
        user = record.caller.user or ""
        entity = (await self._world.users.get(user)).entity if user else ""
        place = await place_named(*asked, entity, self._world)
        if place is not None:
            target.entity, target.project, target.run = place
        passing.upserts = list(upserts(self._engine.schema, *asked))
        if user and passing.upserts and self._gate.limits_run_creations:
            inserted = await insertions(self._engine.schema, *asked, user, self._world)
            passing.inserted = len(inserted)
        return passing

    async def _admitted(
        self, request: web.BaseRequest, passing: "_Passing", fault: Affliction | None = None
    ) -> web.StreamResponse:
        record = record_of(request)
        surface = record.target.surface
        if surface is Surface.FILE_STREAM:
            passing.body = await read_body(request, self._bodies, fault.pace if fault else None)
            note_chunks(request, record, passing.body)
        headers: dict[str, str] = {}
        if surface is Surface.STORAGE:
            headers = self._gate.admit(record, Cost(1, request.content_length or 0))
        elif surface in (Surface.FILE_STREAM, Surface.GRAPHQL):
            costs = self._gate.query_costs
            query_ms = 0
            if costs is not None and surface is Surface.GRAPHQL and record.target.project:
                passing.query_ms = query_ms = costs.before(record.target.operation)
            cost = Cost(1, record.bytes_in, passing.inserted, query_ms)
            headers = self._gate.admit(record, cost)
        try:
            return await self._forwarded(request, passing, headers, fault)
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise RequestError(502, f"{self._upstream} does not answer: {reason}") from error

    async def _forwarded(
        self,
        request: web.BaseRequest,
        passing: "_Passing",
        headers: dict[str, str],
        fault: Affliction | None,
    ) -> web.StreamResponse:
        """The other server's answer, with the headers of limits here; in one piece for `fault`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=30, sock_read=_PATIENCE),
            )
        asked = _kept(request.headers.items(), _NOT_ASKED)
        asked[hdrs.ACCEPT_ENCODING] = "identity"
        body: bytes | AsyncIterator[bytes] | None = passing.body
        if body is None and request.can_read_body:
            body = self._chunks(request, fault)
        began = self._world.clock.now()
        address = URL(f"{self._upstream}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method, address, headers=asked, data=body, allow_redirects=False
        ) as answer:
            told = _kept(answer.headers.items(), _NOT_ANSWERED)
            for name, value in headers.items():
                told[name] = value
            if fault is not None or passing.body is not None:
                content = await answer.read()
                surface = record_of(request).target.surface
                if surface is Surface.GRAPHQL:
                    seconds = self._world.clock.now() - began
                    if answer.status < _NOT_OK:
                        told.update(
                            await self._learned(record_of(request), passing, content, seconds)
                        )
                    content = self._led_back(request, content)
                elif surface is Surface.FILE_STREAM:
                    if answer.status < _NOT_OK:
                        await self._mirrored(request, passing)
                    if fault is not None and fault.stopped:
                        content = _stopped(content)
                return web.Response(status=answer.status, headers=told, body=content)
            return await _streamed(request, answer, told)

    async def _learned(
        self, record: RequestRecord, passing: "_Passing", answer: bytes, seconds: float
    ) -> dict[str, str]:
        """Note what an answer to GraphQL tells, and charge for it; headers that this changes."""
        if not passing.query_ms and not passing.upserts and b'"viewer"' not in answer:
            return {}
        try:
            data = msgspec.json.decode(answer, type=dict[str, Any]).get("data")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}
        if b'"viewer"' in answer:
            await self._mirror.met(record.caller.user or "", data)
        if passing.upserts:
            await self._mirror.upserted(record, passing.upserts[0], data)
        costs = self._gate.query_costs
        if costs is None or not passing.query_ms:
            return {}
        more = costs.after(record.target.operation, count_items(data), seconds)
        return self._gate.charge(record, Cost(0, query_ms=more)) if more else {}

    async def _mirrored(self, request: web.BaseRequest, passing: "_Passing") -> None:
        """Repeat here what the other server took of a stream."""
        try:
            body = await gunzipped(request, passing.body or b"", self._bodies)
            update = update_decoder.decode(body)
        except (RequestError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        await self._mirror.streamed(record_of(request), update)

    def _led_back(self, request: web.BaseRequest, answer: bytes) -> bytes:
        """The answer with addresses here instead of there: SDKs send no key anywhere else."""
        here = f'"{request.scheme}://{request.host}/'
        return answer.replace(f'"{self._upstream}/'.encode(), here.encode())

    async def _chunks(
        self, request: web.BaseRequest, fault: Affliction | None
    ) -> AsyncIterator[bytes]:
        """The body as it comes."""
        record = record_of(request)
        pace = None if fault is None else fault.pace
        while chunk := await next_chunk(request, self._bodies.timeout, pace):
            record.bytes_in += len(chunk)
            if record.traffic is not None:
                record.traffic.take(chunk)
            yield chunk


@dataclass(slots=True)
class _Passing:
    """What is known of a request on its way."""

    body: bytes | None = None
    """If that had to be read."""
    upserts: Sequence[RunFields] = ()
    inserted: int = 0
    """Runs that are new, as far as anybody here can know."""
    query_ms: int = 0
    """What its operation was charged before it ran."""


def _kept(headers: Iterable[tuple[str, str]], but: frozenset[str]) -> CIMultiDict[str]:
    kept = [(name, value) for name, value in headers if name.lower() not in but]
    return CIMultiDict(kept)


def _stopped(answer: bytes) -> bytes:
    """An answer of file_stream that says the run was stopped; one that is no JSON stays."""
    try:
        said = msgspec.json.decode(answer, type=dict[str, object])
    except msgspec.DecodeError:
        return answer
    return msgspec.json.encode({**said, "stopped": True})


async def _streamed(
    request: web.BaseRequest, answer: aiohttp.ClientResponse, headers: CIMultiDict[str]
) -> web.StreamResponse:
    record = record_of(request)
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = answer.content_length
    try:
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await response.write(chunk)
            record.bytes_out += len(chunk)
        await response.write_eof()
    except ConnectionError:
        pass  # the client has had enough
    except (aiohttp.ClientError, TimeoutError) as error:
        record.error = f"the other server's answer broke off: {error}"
        if request.transport is not None:
            request.transport.close()
    return response
