"""File bodies: PUT and GET on `/storage/...` with a token, GET on `/files/...` with an API key.

The URLs come from `StorageUrls`; bodies are streamed both ways, never held whole in memory. What
goes up and down counts against the storage limits of its project.
"""

import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from functools import partial

from aiohttp import hdrs, web

from mockwb.backend.errors import ForbiddenError, NotFoundError
from mockwb.backend.run import RunKey
from mockwb.backend.run_files import blob_key
from mockwb.backend.store import BlobInfo
from mockwb.backend.world import World
from mockwb.config.model import BodiesConfig, StorageConfig
from mockwb.gate.gate import Gate, RefusedError
from mockwb.target import Cost, Surface, Target
from mockwb.units import format_size
from mockwb.wire.body import next_chunk
from mockwb.wire.errors import RequestError, error_response
from mockwb.wire.exchange import record_of
from mockwb.wire.fault_effects import Affliction, FaultEffects
from mockwb.wire.pace import Pace
from mockwb.wire.routes import path_of
from mockwb.wire.urls import RUNS, StorageUrls

_Rest = Callable[[Affliction | None], Awaitable[web.StreamResponse]]

_UNDECLARED = 1
"""Bytes that an upload without Content-Length is charged when it begins; the rest at its end."""


class StorageHandler:
    """Takes uploads and gives the bytes back."""

    def __init__(
        self,
        gate: Gate,
        world: World,
        urls: StorageUrls,
        bodies: BodiesConfig,
        storage: StorageConfig,
        effects: FaultEffects,
    ) -> None:
        """Check tokens with `urls`; keep bytes in the store of `world`."""
        self._gate = gate
        self._world = world
        self._urls = urls
        self._effects = effects
        self._patience = bodies.timeout
        self._max_size = storage.max_file_size

    async def put(self, request: web.BaseRequest) -> web.StreamResponse:
        """Store the body; nothing of it is visible unless all of it arrived."""
        path = self._signed_path(request)
        return await self._or_fault(request, partial(self._put, request, path))

    async def _put(
        self, request: web.BaseRequest, path: list[str], fault: Affliction | None = None
    ) -> web.Response:
        run = _run_in(path)
        if run is not None and await self._world.runs.find(run[0]) is None:
            raise NotFoundError(f"run {run[0]} not found")
        blob = _blob_at(path)
        self._check_size(request)
        try:
            headers = self._admit_upload(request)
        except RefusedError as refusal:
            return await self._refuse(request, refusal, fault)
        info = await self._receive(request, blob, None if fault is None else fault.pace)
        if run is not None:
            await self._world.run_files.stored(
                *run, info, request.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
            )
        return web.Response(headers={hdrs.ETAG: f'"{info.md5}"', **headers})

    async def get(self, request: web.BaseRequest) -> web.StreamResponse:
        """The bytes behind a token."""
        path = self._signed_path(request)
        send = partial(self._send, request, _blob_at(path), path[-1])
        return await self._or_fault(request, send)

    async def get_run_file(self, request: web.BaseRequest) -> web.StreamResponse:
        """A file of a run, for whoever has an API key."""
        record = record_of(request)
        info = path_of(request)
        key = RunKey(info["entity"], info["project"], info["run"])
        record.target = Target(Surface.STORAGE, *key)
        user = self._gate.identify(record, request.headers.get(hdrs.AUTHORIZATION))
        if not await self._world.permissions.may_read(user, key.entity, key.project):
            raise ForbiddenError("permission denied")
        send = partial(self._send, request, blob_key(key, info["name"]), info["name"])
        return await self._or_fault(request, send)

    async def options(self, request: web.BaseRequest) -> web.Response:
        """What browsers ask before they read files from another origin."""
        record_of(request).target = Target(Surface.STORAGE)
        return web.Response(
            headers={
                hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
                hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD, PUT",
                hdrs.ACCESS_CONTROL_ALLOW_HEADERS: "*",
            }
        )

    async def _or_fault(self, request: web.BaseRequest, proceed: _Rest) -> web.StreamResponse:
        """Go on with a request, or do to it what faults want."""
        if self._gate.faults.active:
            effect = await self._gate.fault(record_of(request))
            if effect is not None:
                return await self._effects.around(effect, request, proceed)
        return await proceed(None)

    def _signed_path(self, request: web.BaseRequest) -> list[str]:
        """The path below /storage/, split, if the token is right for it."""
        record = record_of(request)
        record.target = Target(Surface.STORAGE)
        path = path_of(request)["path"].split("/")
        if not self._urls.verify(request.method, path, request.query.get("token", "")):
            raise RequestError(
                403, f"this URL is not one that this server handed out for {request.method}"
            )
        run = _run_in(path)
        # Paths of artifacts hold entity and project at the same places.
        record.target = Target(Surface.STORAGE, *(path[1:3] if run is None else run[0]))
        return path

    def _check_size(self, request: web.BaseRequest) -> None:
        declared = request.content_length
        if declared is not None and declared > self._max_size:
            limit = format_size(self._max_size)
            raise RequestError(413, f"file of {format_size(declared)} is larger than {limit}")

    def _admit_upload(self, request: web.BaseRequest) -> dict[str, str]:
        """Charge the declared size; without one a byte, so that a window in debt refuses it."""
        declared = request.content_length
        cost = Cost(1, _UNDECLARED if declared is None else declared)
        return self._gate.admit(record_of(request), cost)

    async def _refuse(
        self, request: web.BaseRequest, refusal: RefusedError, fault: Affliction | None
    ) -> web.Response:
        """Answer at once, then take the body and drop it.

        Go reads an answer while it sends; Python's clients send everything first, and would find
        the connection broken instead of the answer if it were closed under them.
        """
        record = record_of(request)
        record.error = str(refusal)
        response = error_response(refusal.status, str(refusal), refusal.headers)
        if fault is not None:
            fault.change_headers(response)
        await response.prepare(request)
        await response.write_eof()
        with suppress(ConnectionError, RequestError):  # it is answered already
            while record.bytes_in <= self._max_size:
                chunk = await next_chunk(request, self._patience)
                if not chunk:
                    break
                record.bytes_in += len(chunk)
        return response

    async def _receive(self, request: web.BaseRequest, key: str, pace: Pace | None) -> BlobInfo:
        record = record_of(request)
        writer = self._world.store.blob_writer(key)
        try:
            while chunk := await next_chunk(request, self._patience, pace):
                record.bytes_in += len(chunk)
                if record.traffic is not None:
                    record.traffic.take(chunk)
                await writer.write(chunk)
            return await writer.commit()  # not reached by a body that breaks off
        finally:
            if request.content_length is None and record.bytes_in > _UNDECLARED:
                self._gate.charge(record, Cost(0, record.bytes_in - _UNDECLARED))
            await writer.abort()

    async def _send(
        self, request: web.BaseRequest, key: str, name: str, fault: Affliction | None = None
    ) -> web.StreamResponse:
        info = await self._world.store.blob_info(key)
        if info is None:
            raise NotFoundError(f"file {name} not found")
        start, stop, status = _range(request, info.size)
        headers: dict[str, str] = {}
        if request.method != hdrs.METH_HEAD:
            headers = self._gate.admit(record_of(request), Cost(1, stop - start))
        response = web.StreamResponse(status=status, headers=headers)
        response.content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        response.content_length = stop - start
        response.headers[hdrs.ACCEPT_RANGES] = "bytes"
        response.headers[hdrs.ETAG] = f'"{info.md5}"'
        response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = "*"
        if status == 206:
            response.headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stop - 1}/{info.size}"
        if fault is not None:
            fault.change_headers(response)
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD:
            chunks = self._world.store.read_blob(key, start, stop)
            if fault is not None and fault.changes_body:
                chunks = fault.outgoing(chunks, stop - start)
            await self._stream(request, response, chunks)
            if fault is not None:
                fault.break_off()
        return response

    async def _stream(
        self, request: web.BaseRequest, response: web.StreamResponse, chunks: AsyncIterator[bytes]
    ) -> None:
        record = record_of(request)
        with suppress(ConnectionError):  # the client has had enough
            async for chunk in chunks:
                await response.write(chunk)
                record.bytes_out += len(chunk)
            if record.bytes_out == response.content_length:
                await response.write_eof()


def _run_in(path: list[str]) -> tuple[RunKey, str] | None:
    """Run and file name, if this is the path of a run's file."""
    if path[0] != RUNS or len(path) < 5:
        return None
    return RunKey(*path[1:4]), "/".join(path[4:])


def _blob_at(path: list[str]) -> str:
    """The store's key for a storage path. InvalidError if a name tries to leave its run."""
    run = _run_in(path)
    return blob_key(*run) if run is not None else "/".join(path)


def _range(request: web.BaseRequest, size: int) -> tuple[int, int, int]:
    """(start, stop, status) of what to send."""
    try:
        asked = request.http_range
    except ValueError as error:
        raise RequestError(400, f"Range header: {error}") from error
    if asked.start is None and asked.stop is None:
        return 0, size, 200
    start, stop, _ = asked.indices(size)
    if start >= stop:
        raise RequestError(416, f"Range header: nothing there in a file of {size} bytes")
    return start, stop, 206
