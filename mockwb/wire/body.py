"""Request bodies: read within bounds of size and patience, and gunzipped within bounds too."""

import asyncio
import zlib

from aiohttp import hdrs, web
from aiohttp.client_exceptions import ClientPayloadError

from mockwb.config.model import BodiesConfig
from mockwb.units import format_duration, format_size
from mockwb.wire.errors import RequestError
from mockwb.wire.exchange import record_of
from mockwb.wire.pace import Pace

_GZIP = 16 + zlib.MAX_WBITS
_IN_THREAD = 1_000_000
"""Compressed bytes from which on gunzip leaves the event loop."""


async def read_body(
    request: web.BaseRequest, config: BodiesConfig, pace: Pace | None = None
) -> bytes:
    """The body as it came over the wire, not faster than `pace`; notes its size in the record.

    RequestError: 413 if it is larger than allowed, 408 if it stops coming, 400 if it breaks off.
    """
    content = request.content
    if pace is None and content.is_eof():  # all of it is here already, as nearly always
        body = content.read_nowait()
    else:
        body = await _read_slowly(request, config, pace)
    if len(body) > config.max_size:
        raise _too_large(len(body), config)
    record = record_of(request)
    record.bytes_in = len(body)
    if record.traffic is not None:
        record.traffic.take(body)
    return body


async def _read_slowly(request: web.BaseRequest, config: BodiesConfig, pace: Pace | None) -> bytes:
    declared = request.content_length
    if declared is not None and declared > config.max_size:
        raise _too_large(declared, config)
    chunks = bytearray()
    while chunk := await next_chunk(request, config.timeout, pace):
        chunks += chunk
        if len(chunks) > config.max_size:
            raise _too_large(len(chunks), config)
    return bytes(chunks)


async def next_chunk(request: web.BaseRequest, patience: float, pace: Pace | None = None) -> bytes:
    """Some more bytes of the body, empty at its end; RequestError as in `read_body`."""
    try:
        async with asyncio.timeout(patience):
            if pace is None:
                return await request.content.readany()
            chunk = await request.content.read(pace.step)
    except TimeoutError:
        waited = format_duration(patience)
        raise RequestError(408, f"request body: nothing arrived for {waited}") from None
    except (ClientPayloadError, web.RequestPayloadError, ConnectionError) as error:
        raise RequestError(400, f"request body broke off: {error}") from error
    await pace.passed(len(chunk))
    return chunk


async def gunzipped(request: web.BaseRequest, body: bytes, config: BodiesConfig) -> bytes:
    """The body without its Content-Encoding; RequestError if it is broken, unknown or a bomb."""
    encoding = request.headers.get(hdrs.CONTENT_ENCODING)
    if encoding is None:
        return body
    encoding = encoding.strip().lower()
    if encoding == "identity":
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise RequestError(415, f"Content-Encoding {encoding!r} is not supported; send gzip")
    if len(body) < _IN_THREAD:
        return gunzip(body, config.max_decompressed)
    return await asyncio.to_thread(gunzip, body, config.max_decompressed)


def gunzip(body: bytes, max_size: int) -> bytes:
    """Decompress all members of a gzip body, never to more than `max_size` bytes."""
    plain = bytearray()
    while body:
        member = zlib.decompressobj(_GZIP)
        try:
            plain += member.decompress(body, max_size + 1 - len(plain))
        except zlib.error as error:
            raise RequestError(400, f"gzip body is broken: {error}") from error
        if len(plain) > max_size:
            limit = format_size(max_size)
            raise RequestError(413, f"gzip body decompresses to more than {limit}")
        if not member.eof:
            raise RequestError(400, "gzip body is truncated")
        body = member.unused_data
    return bytes(plain)


def _too_large(size: int, config: BodiesConfig) -> RequestError:
    limit = format_size(config.max_size)
    return RequestError(413, f"request body of {format_size(size)} is larger than {limit}")
