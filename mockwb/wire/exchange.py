"""Around every request: the record that onlookers get, and an answer whatever happens inside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiohttp import hdrs, web

from mockwb.clock import Clock
from mockwb.observe.onlookers import Onlookers
from mockwb.observe.redaction import without_tokens
from mockwb.record import RequestRecord, Traffic
from mockwb.target import Caller, Surface, Target
from mockwb.wire.client_address import ClientAddresses
from mockwb.wire.compact_response import CompactResponse
from mockwb.wire.errors import Disconnected, error_response, response_to

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_METRICS = "/metrics"
_OWN = ("/_mockwb", _METRICS)

RECORD = web.RequestKey("record", RequestRecord)

_PEERS = ClientAddresses(())
_log = logging.getLogger(__name__)


def record_of(request: web.BaseRequest) -> RequestRecord:
    """The record of this request, for handlers to fill in."""
    return request[RECORD]


def _note_answer(traffic: Traffic, response: web.StreamResponse, body: object) -> None:
    headers = response.fields if isinstance(response, CompactResponse) else response.headers
    traffic.answer_headers = list(headers.items())
    traffic.answer_body = body if isinstance(body, bytes) else None


class Exchange:
    """Stands around every handler."""

    def __init__(
        self,
        clock: Clock,
        onlookers: Onlookers,
        addresses: ClientAddresses = _PEERS,
        *,
        max_body: int | None = None,
    ) -> None:
        """Tell `onlookers` of each request once it is answered, and where it came from.

        They get headers, and bodies of up to `max_body` bytes, if it is not None.
        """
        self._clock = clock
        self._addresses = addresses
        self._onlookers = onlookers
        self._max_body = max_body
        self._under_way = 0
        self._idle: asyncio.Event | None = None
        """Made when the server drains: from then on every answer closes its connection."""

    async def drained(self, patience: float) -> None:
        """Return once no request is under way, or after `patience` seconds."""
        self._idle = asyncio.Event()
        if self._under_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._idle.wait()
        self._onlookers.catch_up()

    async def handle(
        self, request: web.BaseRequest, handler: Handler, path: str | None = None
    ) -> web.StreamResponse:
        """Time the request, turn errors into answers, and pass the record on.

        `path` is the request's, if it has no query and somebody knows it already.
        """
        query = ""
        if path is None:
            path, _, query = request.raw_path.partition("?")
        own = path.startswith(_OWN)
        if own:  # it may ask what onlookers know
            self._onlookers.catch_up()
        record = RequestRecord(
            target=Target(Surface.CONTROL if own and path != _METRICS else Surface.OTHER),
            started_at=self._clock.now(),
            method=request.method,
            path=path,
            query=without_tokens(query) if query else "",
            caller=Caller(None, self._addresses.of(request)),
            user_agent=request.headers.get(hdrs.USER_AGENT, ""),
        )
        if self._max_body is not None:
            record.traffic = Traffic(self._max_body, request.headers.items())
        request[RECORD] = record
        self._under_way += 1
        try:
            try:
                response = await handler(request)
            except Exception as error:
                response = self._answer_to(error, record)
            record.status = response.status
            if self._idle is not None:
                response.force_close()
            body = getattr(response, "body", None)
            if type(body) is bytes:
                record.bytes_out = len(body)
            if record.traffic is not None:
                _note_answer(record.traffic, response, body)
            return response
        finally:
            record.duration = self._clock.now() - record.started_at
            self._onlookers.saw(record)
            self._under_way -= 1
            if self._idle is not None and not self._under_way:
                self._idle.set()

    def _answer_to(self, error: Exception, record: RequestRecord) -> web.StreamResponse:
        """The answer to an error, which may be that nobody is left to answer."""
        response = response_to(error)
        if response is not None:
            record.error = str(error)
            return response
        if isinstance(error, ConnectionError):
            record.error = f"client went away: {error}"
            return Disconnected()
        _log.error("bug: %s %s failed", record.method, record.path, exc_info=error)
        record.error = f"{type(error).__name__}: {error}"
        return error_response(500, f"internal error in mockwb: {record.error}")
