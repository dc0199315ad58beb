"""Carries out what faults do to requests. Handlers go through it where the gate names an effect."""

import random
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate

from aiohttp import hdrs, web

from mockwb.clock import Clock
from mockwb.faults.effect import Answer, Effect, When
from mockwb.target import Surface
from mockwb.wire.body import next_chunk
from mockwb.wire.compact_response import CompactResponse
from mockwb.wire.errors import DisconnectedError, response_to
from mockwb.wire.exchange import record_of
from mockwb.wire.pace import Pace
from mockwb.wire.streamed_chunks import note_chunks

_AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER that makes a close a reset."""
_NOTED = 64_000_000
"""Bytes of a dropped body that are looked into."""
_LOOK = 0.5
"""Seconds between two looks whether a stalled client has gone."""


class Affliction:
    """What befalls one request while it is handled; its handler asks at the places concerned."""

    def __init__(self, effect: Effect, request: web.BaseRequest, clock: Clock) -> None:
        self._effect = effect
        self._request = request
        self._clock = clock
        self.stopped = effect.stopped
        """Whether to say that the run was stopped."""
        self.date_skew = effect.date_skew
        """Seconds by which dates in the answer are ahead."""
        self.pace = None if effect.bytes_in is None else Pace(clock, effect.bytes_in)
        """Of the request's body."""

    def change_headers(self, response: web.StreamResponse) -> None:
        """Put wrong headers into an answer that has not begun, and take right ones away."""
        for name, value in self._effect.headers.items():
            response.headers.popall(name, None)
            if value is not None:
                response.headers[name] = value
        if self._effect.date_skew:
            when = self._clock.wall() + self._effect.date_skew
            response.headers[hdrs.DATE] = formatdate(when, usegmt=True)

    @property
    def changes_body(self) -> bool:
        """Whether the answer's body must go through `outgoing`."""
        effect = self._effect
        return any(
            setting is not None for setting in (effect.keep, effect.corrupt_every, effect.bytes_out)
        )

    async def outgoing(self, chunks: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
        """The body of an answer, of `size` bytes, as it goes out.

        It ends early where it breaks off; the connection is closing by then.
        """
        effect = self._effect
        left = size if effect.keep is None else min(int(size * effect.keep), size - 1)
        pace = None if effect.bytes_out is None else Pace(self._clock, effect.bytes_out)
        damage = None
        if effect.corrupt_every is not None:
            damage = _Damage(effect.corrupt_every, size, effect.corrupt_seed)
        async for chunk in chunks:
            whole = (chunk if damage is None else damage.done_to(chunk))[:left]
            left -= len(whole)
            step = len(whole) if pace is None else pace.step
            for start in range(0, len(whole), max(1, step)):
                part = whole[start : start + step]
                if pace is not None:
                    await pace.passed(len(part))
                yield part
            if left <= 0 and effect.keep is not None:
                break

    def break_off(self) -> None:
        """Close the connection once what was sent is out, if the answer is to break off."""
        if self._effect.keep is not None and self._request.transport is not None:
            self._request.transport.close()


Proceed = Callable[[Affliction], Awaitable[web.StreamResponse]]
"""The rest of a handler: what it does with a request that may pass."""


class FaultEffects:
    """Stands between the gate and the rest of a handler."""

    def __init__(self, clock: Clock, patience: float) -> None:
        """Wait by `clock`; a body of which nothing comes for `patience` seconds is given up."""
        self._clock = clock
        self._patience = patience
        self.close_listener: Callable[[float], object] = lambda seconds: None
        """Makes the server refuse connections for so many seconds; the server sets it."""
        self.draining = False
        """Whether the server is about to end: nobody is kept waiting then."""

    async def around(
        self, effect: Effect, request: web.BaseRequest, proceed: Proceed
    ) -> web.StreamResponse:
        """Handle a request as `effect` lets it be handled; DisconnectedError if it ends so."""
        record = record_of(request)
        affliction = Affliction(effect, request, self._clock)
        if effect.delay:
            await self._clock.sleep(effect.delay)
        if effect.bytes_in is not None and record.bytes_in:  # it was read already
            await self._clock.sleep(record.bytes_in / effect.bytes_in)
        await self._before(effect, request, affliction)
        if effect.answer is not None and not effect.answer.handled:
            await self._take(request, affliction.pace)
            return await self._changed(request, self._answered(request, effect.answer), affliction)
        try:
            response = await proceed(affliction)
        except Exception as error:
            refusal = response_to(error)
            if refusal is None:
                raise
            record.error = str(error)
            response = refusal
        if effect.disconnect == "after":
            raise _reset(request, "the answer was withheld, and the connection reset")
        if effect.stall is not None:
            await self._stall(request, effect.stall.seconds)
        if effect.answer is not None:
            response = self._answered(request, effect.answer)
        return await self._changed(request, response, affliction)

    async def _before(
        self, effect: Effect, request: web.BaseRequest, affliction: Affliction
    ) -> None:
        """Everything that ends a request before it is handled."""
        if effect.refuse is not None:
            self.close_listener(effect.refuse)
            raise _reset(request, "the listener was closed")
        at: When | None = effect.disconnect
        if at == "after" and request.method in (hdrs.METH_GET, hdrs.METH_HEAD):
            at = "before"  # nothing to store, and an answer that streams would have begun
        if at == "before":
            raise _reset(request, "the connection was reset")
        if at == "during":
            await self._take(request, affliction.pace, half=True)
            raise _reset(request, "the connection was reset while the body came in")
        if effect.stall is not None and not effect.stall.handled:
            await self._take(request, affliction.pace)
            await self._stall(request, effect.stall.seconds)

    async def _take(
        self, request: web.BaseRequest, pace: Pace | None, *, half: bool = False
    ) -> None:
        """Read what is left of the body, or half of it, and drop it.

        Of a stream it is noted which lines were in it, if all of it came from the client.
        """
        record = record_of(request)
        enough = (request.content_length or 0) // 2 if half else None
        streamed = bytearray() if record.target.surface is Surface.FILE_STREAM else None
        while enough is None or record.bytes_in < enough:
            chunk = await next_chunk(request, self._patience, pace)
            if not chunk:
                break
            record.bytes_in += len(chunk)
            if streamed is not None and len(streamed) < _NOTED:
                streamed += chunk
        if streamed is not None and half and _is_whole(request):
            streamed += request.content.read_nowait()  # not taken, but sent
        if streamed:
            note_chunks(request, record, bytes(streamed))

    async def _stall(self, request: web.BaseRequest, seconds: float) -> None:
        """Be silent until the client has gone, or the time is over; then end it."""
        until = self._clock.now() + seconds
        while not self.draining and (left := until - self._clock.now()) > 0:
            if request.transport is None or request.transport.is_closing():
                raise DisconnectedError("fault: stalled until the client went away")
            await self._clock.sleep(min(_LOOK, left))
        raise _reset(request, "stalled, then reset")

    @staticmethod
    def _answered(request: web.BaseRequest, answer: Answer) -> web.Response:
        record_of(request).error = f"fault: answered with {answer.status}"
        return web.Response(
            status=answer.status,
            body=answer.body,
            headers=answer.headers,
            content_type=answer.content_type,
        )

    async def _changed(
        self, request: web.BaseRequest, response: web.StreamResponse, affliction: Affliction
    ) -> web.StreamResponse:
        """The answer as it goes out; sent already if its body is touched."""
        if response.prepared:  # it was streamed, by a handler that has asked
            return response
        if isinstance(response, CompactResponse):
            response = response.plain()
        affliction.change_headers(response)
        body = getattr(response, "body", None)
        if not affliction.changes_body or not isinstance(body, bytes) or not body:
            return response
        record = record_of(request)
        changed = web.StreamResponse(status=response.status, headers=response.headers)
        changed.content_length = len(body)
        with suppress(ConnectionError):  # the client has had enough
            await changed.prepare(request)
            async for part in affliction.outgoing(_one(body), len(body)):
                await changed.write(part)
                record.bytes_out += len(part)
            affliction.break_off()
        return changed


class _Damage:
    """One damaged byte in each block of a body; which one is up to the seed."""

    def __init__(self, every: int, size: int, seed: str) -> None:
        self._every = every
        self._size = size
        self._seed = seed
        self._done = 0

    def done_to(self, chunk: bytes) -> bytes:
        """The chunk that follows on those so far."""
        damaged = bytearray(chunk)
        start, end = self._done, self._done + len(chunk)
        for block in range(start // self._every, -(-end // self._every)):
            at = self._place(block)
            if start <= at < end:
                # Neither in a string of JSON nor between.
                damaged[at - start] = 0 if damaged[at - start] else 0xFF
        self._done = end
        return bytes(damaged)

    def _place(self, block: int) -> int:
        first = block * self._every
        length = min(self._every, self._size - first)
        return first + random.Random(f"{self._seed}/{block}").randrange(length)


def _is_whole(request: web.BaseRequest) -> bool:
    """Whether all of the body has come, and can still be read."""
    return request.content.is_eof() and request.content.exception() is None


def _reset(request: web.BaseRequest, what: str) -> DisconnectedError:
    """Reset the connection; the error to raise."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        transport.abort()
    return DisconnectedError(f"fault: {what}")


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body
