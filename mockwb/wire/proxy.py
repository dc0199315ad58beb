"""Passes W&B's own paths on to another server, a real W&B perhaps, in place of the handlers here.

Faults and limits apply on the way, and onlookers see each request; what requests do over there is
not known here, so rows, runs and their states are not counted. Keys pass through and stay nowhere.
"""

import re
from collections.abc import AsyncIterator, Iterable
from functools import partial
from urllib.parse import unquote

import aiohttp
import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

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
from mockwb.wire.graphql.demand import place_named
from mockwb.wire.graphql.endpoint import prepare
from mockwb.wire.graphql.engine import GraphQLEngine

_RUN_PATH = re.compile(r"/files/([^/]+)/([^/]+)/([^/]+)/(.+)")
_PATIENCE = 300.0
"""Seconds without a byte from the other server."""
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
        self._session: aiohttp.ClientSession | None = None

    async def pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        """What the other server answers, unless a limit or a fault answers first."""
        record = record_of(request)
        user = user_of_header(request.headers.get(hdrs.AUTHORIZATION))
        record.caller = Caller(user, record.caller.ip)
        body = await self._understood(request, record)
        if self._gate.faults.active:
            effect = await self._gate.fault(record)
            if effect is not None:
                proceed = partial(self._admitted, request, body)
                return await self._effects.around(effect, request, proceed)
        return await self._admitted(request, body)

    async def close(self) -> None:
        """Close the connections to the other server."""
        if self._session is not None:
            await self._session.close()

    async def _understood(self, request: web.BaseRequest, record: RequestRecord) -> bytes | None:
        """Name what the request is about; its body, if that had to be read."""
        if record.path == "/graphql":
            record.target = Target(Surface.GRAPHQL)
            body = await read_body(request, self._bodies)
            plain = await gunzipped(request, body, self._bodies)
            record.fingerprint = hash(plain)
            prepared = prepare(self._engine, plain)
            record.target.operation = prepared.name
            if prepared.operation is not None:
                place = await place_named(prepared.operation, prepared.variables, "", self._world)
                if place is not None:
                    record.target.entity, record.target.project, record.target.run = place
            return body
        run = _RUN_PATH.fullmatch(record.path)
        if run is not None:
            streams = request.method == hdrs.METH_POST and run[4] == "file_stream"
            surface = Surface.FILE_STREAM if streams else Surface.STORAGE
            record.target = Target(surface, *map(unquote, run.group(1, 2, 3)))
        elif record.path.startswith("/storage/"):
            record.target = Target(Surface.STORAGE)
        elif record.path.startswith("/sdk/otel/"):
            record.target = Target(Surface.TELEMETRY)
        return None

    async def _admitted(
        self, request: web.BaseRequest, body: bytes | None, fault: Affliction | None = None
    ) -> web.StreamResponse:
        record = record_of(request)
        surface = record.target.surface
        if surface is Surface.FILE_STREAM:
            body = await read_body(request, self._bodies, None if fault is None else fault.pace)
        headers: dict[str, str] = {}
        if surface is Surface.STORAGE:
            headers = self._gate.admit(record, Cost(1, request.content_length or 0))
        elif surface in (Surface.FILE_STREAM, Surface.GRAPHQL):
            headers = self._gate.admit(record, Cost(1, record.bytes_in, 0, self._query_ms(record)))
        try:
            return await self._forwarded(request, body, headers, fault)
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise RequestError(502, f"{self._upstream} does not answer: {reason}") from error

    def _query_ms(self, record: RequestRecord) -> int:
        """What the operation costs before it runs; what it returns is not counted here."""
        costs = self._gate.query_costs
        if costs is None or record.target.surface is not Surface.GRAPHQL:
            return 0
        return costs.before(record.target.operation) if record.target.project else 0

    async def _forwarded(
        self,
        request: web.BaseRequest,
        body: bytes | None,
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
        data = self._chunks(request, fault) if body is None and request.can_read_body else body
        address = URL(f"{self._upstream}{request.raw_path}", encoded=True)
        async with self._session.request(
            request.method, address, headers=asked, data=data, allow_redirects=False
        ) as answer:
            told = _kept(answer.headers.items(), _NOT_ANSWERED)
            for name, value in headers.items():
                told[name] = value
            if fault is not None or body is not None:
                content = await answer.read()
                surface = record_of(request).target.surface
                if surface is Surface.GRAPHQL:
                    content = self._led_back(request, content)
                elif surface is Surface.FILE_STREAM and fault is not None and fault.stopped:
                    content = _stopped(content)
                return web.Response(status=answer.status, headers=told, body=content)
            return await _streamed(request, answer, told)

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
