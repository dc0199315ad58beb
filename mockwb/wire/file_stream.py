"""POST /files/{entity}/{project}/{run}/file_stream: metrics, logs, heartbeats, the finish mark."""

from collections.abc import Mapping
from functools import partial

import msgspec
from aiohttp import hdrs, web
from multidict import istr

from mockwb.backend.errors import BackendError
from mockwb.backend.file_stream import Update
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig
from mockwb.gate.gate import Gate, RefusedError
from mockwb.record import RequestRecord
from mockwb.target import Cost, Surface, Target
from mockwb.wire.body import gunzipped, read_body
from mockwb.wire.compact_response import CompactResponse, DateHeader
from mockwb.wire.errors import STATUS_OF, RequestError, error_response
from mockwb.wire.exchange import Handler, record_of
from mockwb.wire.fault_effects import Affliction, FaultEffects
from mockwb.wire.ingested import ingested_by
from mockwb.wire.streamed_chunks import chunks_in, note_chunks, update_decoder

# What SDKs read: `stopped` since 0.23, `limits` up to 0.17.
_GOING_ON = b'{"exitcode":null,"limits":{},"stopped":false}'
_STOPPED = b'{"exitcode":null,"limits":{},"stopped":true}'

WRITER = istr("X-WANDB-ASYNC-CLIENT-ID")


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

    def of_run(self, path: Mapping[str, str]) -> Handler:
        """What answers the requests of one run."""
        key = RunKey(path["entity"], path["project"], path["run"])
        return partial(self._post, key, Target(Surface.FILE_STREAM, *key))

    async def _post(
        self, key: RunKey, target: Target, request: web.BaseRequest
    ) -> web.StreamResponse:
        """Apply one update; the RateLimit headers ride on every answer of a limited project."""
        record = record_of(request)
        record.target = target
        headers = request.headers
        record.writer = headers.get(WRITER, "")
        user = self._gate.identify(record, headers.get(hdrs.AUTHORIZATION))
        if self._gate.faults.active:
            effect = await self._gate.fault(record)
            if effect is not None:
                proceed = partial(self._apply, request, record, key, user)
                return await self._effects.around(effect, request, proceed)
        return await self._apply(request, record, key, user)

    async def _apply(
        self,
        request: web.BaseRequest,
        record: RequestRecord,
        key: RunKey,
        user: str,
        fault: Affliction | None = None,
    ) -> web.StreamResponse:
        """The rest, once it is known who asks for what."""
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
            if update.files:
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
        record.ingested = ingested_by(applied, update.files, self._clock.wall())
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
