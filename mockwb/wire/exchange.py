"""Around every request: the record that onlookers get, and an answer whatever happens inside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import web

from mockwb.clock import Clock
from mockwb.observe.onlookers import Onlookers
from mockwb.record import RequestRecord
from mockwb.target import Caller, Surface, Target
from mockwb.wire.errors import error_response, response_to

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

RECORD = web.RequestKey("record", RequestRecord)

_log = logging.getLogger(__name__)


def record_of(request: web.Request) -> RequestRecord:
    """The record of this request, for handlers to fill in."""
    return request[RECORD]


class Exchange:
    """The one middleware."""

    def __init__(self, clock: Clock, onlookers: Onlookers) -> None:
        """Tell `onlookers` of each request once it is answered."""
        self._clock = clock
        self._onlookers = onlookers
        self._under_way = 0
        self._idle: asyncio.Event | None = None
        """Made when somebody waits for it."""

    async def drained(self, patience: float) -> None:
        """Return once no request is under way, or after `patience` seconds."""
        if self._under_way:
            self._idle = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._idle.wait()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Time the request, turn errors into answers, and pass the record on."""
        record = RequestRecord(
            target=Target(
                Surface.CONTROL if request.path.startswith("/_mockwb") else Surface.OTHER
            ),
            started_at=self._clock.now(),
            method=request.method,
            path=request.raw_path.partition("?")[0],  # queries may hold upload tokens
            caller=Caller(None, request.remote or ""),
            user_agent=request.headers.get("User-Agent", ""),
        )
        request[RECORD] = record
        self._under_way += 1
        try:
            response = await self._answer(request, handler, record)
            record.status = response.status
            if isinstance(response, web.Response) and isinstance(response.body, bytes):
                record.bytes_out = len(response.body)
            return response
        finally:
            record.duration = self._clock.now() - record.started_at
            self._onlookers.saw(record)
            self._under_way -= 1
            if self._idle is not None and not self._under_way:
                self._idle.set()

    async def _answer(
        self, request: web.Request, handler: Handler, record: RequestRecord
    ) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as error:
            response = response_to(error)
            if response is not None:
                record.error = str(error)
                return response
            if isinstance(error, ConnectionError):  # the client went away; nobody to answer
                record.error = f"client went away: {error}"
                raise
            _log.exception("bug: %s %s failed", record.method, record.path)
            record.error = f"{type(error).__name__}: {error}"
            return error_response(500, f"internal error in mockwb: {record.error}")
