"""POST /files/{entity}/{project}/{run}/file_stream: metrics, logs, heartbeats, the finish mark."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
from aiohttp import hdrs, web
from multidict import istr

from mockwb.backend.errors import BackendError
from mockwb.backend.file_stream import HISTORY, SUMMARY, Applied, Chunk, Update
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.gate.gate import Gate, RefusedError
from mockwb.record import Ingested
from mockwb.target import Cost, Surface, Target
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.compact_response import CompactResponse, DateHeader
from mockwb.wire.errors import STATUS_OF, RequestError, error_response
from mockwb.wire.exchange import record_of
from mockwb.wire.fault_effects import Affliction, FaultEffects
from mockwb.wire.routes import path_of
from mockwb.wire.streamed_chunks import chunks_in, note_chunks, update_decoder

# What SDKs read: `stopped` since 0.23, `limits` up to 0.17.
_GOING_ON = b'{"exitcode":null,"limits":{},"stopped":false}'
_STOPPED = b'{"exitcode":null,"limits":{},"stopped":true}'

_WRITER = istr("X-WANDB-ASYNC-CLIENT-ID")


class FileStreamHandler:
    """Answers file_stream requests."""

    def __init__(
        self, gate: Gate, world: World, bodies: BodiesConfig, effects: FaultEffects
    ) -> None:
        """Pass requests through `gate` to the streams of `world`."""
        self._clock = world.clock
        self._date = DateHeader(world.clock)
        self._gate = gate
        self._stream = world.file_stream
        self._permissions = world.permissions
        self._bodies = bodies
        self._effects = effects

    async def post(self, request: web.BaseRequest) -> web.StreamResponse:
        """Apply one update; the RateLimit headers ride on every answer of a limited project."""
        record = record_of(request)
        path = path_of(request)
        key = RunKey(path["entity"], path["project"], path["run"])
        record.target = Target(Surface.FILE_STREAM, *key)
        record.writer = request.headers.get(_WRITER, "")
        user = self._gate.identify(record, request.headers.get(hdrs.AUTHORIZATION))
        if self._gate.faults.active:
            effect = await self._gate.fault(record)
            if effect is not None:
                proceed = partial(self._apply, request, key, user)
                return await self._effects.around(effect, request, proceed)
        return await self._apply(request, key, user)

    async def _apply(
        self, request: web.BaseRequest, key: RunKey, user: str, fault: Affliction | None = None
    ) -> web.StreamResponse:
        """The rest, once it is known who asks for what."""
        record = record_of(request)
        body = await read_body(request, self._bodies, None if fault is None else fault.pace)
        packed = hdrs.CONTENT_ENCODING in request.headers
        if packed and self._gate.counts_decompressed:
            body, packed = await gunzipped(request, body, self._bodies), False
        try:
            headers = self._gate.admit(record, Cost(1, len(body)))
        except RefusedError:
            note_chunks(request, record, body)
            raise
        try:
            if packed:
                body = await gunzipped(request, body, self._bodies)
            update = _decoded(body)
            record.chunks = chunks_in(update)
            if self._permissions.in_force:
                await self._permissions.check_write(user, key.entity, key.project)
            applied = await self._stream.apply(key, update, record.writer)
        except RequestError as error:
            record.error = str(error)
            return error_response(error.status, str(error), headers)
        except BackendError as error:
            record.error = str(error)
            return error_response(STATUS_OF[type(error)], str(error), headers)
        record.ingested = _ingested(applied, update.files)
        if applied.logged is not None and record.ingested is not None:
            record.ingested.lags = _lags(applied.logged.logged_at, self._clock.wall())
        stopped = applied.stopped or (fault is not None and fault.stopped)
        body = _STOPPED if stopped else _GOING_ON
        return CompactResponse(body, headers, self._date.text())


def _decoded(body: bytes) -> Update:
    try:
        return update_decoder.decode(body)
    except msgspec.ValidationError as error:
        raise RequestError(400, f"file_stream body: {error}") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise RequestError(400, f"file_stream body is not valid JSON: {error}") from error
    except UnicodeDecodeError as error:
        raise RequestError(400, f"file_stream body is not UTF-8: {error.reason}") from error


def _ingested(applied: Applied, chunks: dict[str, Chunk]) -> Ingested | None:
    if not chunks and not applied.completed:
        return None
    ingested = Ingested(values=applied.values, logged=applied.logged, completed=applied.completed)
    for name, written in applied.files.items():
        if name == SUMMARY:
            continue
        ingested.lines += written.added
        if written.repeated and not written.added and not written.changed:
            ingested.chunks_resent += 1
        if name == HISTORY:
            ingested.rows = written.added
            ingested.rows_resent = written.repeated
            ingested.rows_changed = written.changed
        if written.gap is not None:
            ingested.gaps.append((name, *written.gap))
    return ingested


def _lags(logged_at: Sequence[Any], now: float) -> list[float]:
    """How long ago that was; clocks that run ahead of this one count as right."""
    try:
        return [now - at if at < now else 0.0 for at in logged_at]
    except TypeError:  # some rows have no timestamp, or text
        return [max(0.0, now - at) for at in logged_at if isinstance(at, int | float)]
