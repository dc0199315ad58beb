"""Which lines a file_stream request has: noted also when it is not let through.

`file_stream` notes those of what it decodes; refusals and faults have them read out of the body, so
that the account knows what a client tried to deliver.
"""

import msgspec
from aiohttp import hdrs, web

from mockwb.backend.file_stream import SUMMARY, Update
from mockwb.record import RequestRecord
from mockwb.wire.body import gunzip
from mockwb.wire.errors import RequestError

_MOST = 64_000_000
"""Bytes up to which a body that nobody else unpacks is unpacked for this."""

update_decoder = msgspec.json.Decoder(Update)


def chunks_in(update: Update) -> list[tuple[str, int, int]]:
    """(file, offset of the first line, lines); the summary is no stream of lines."""
    return [
        (name, chunk.offset, len(chunk.content))
        for name, chunk in update.files.items()
        if name != SUMMARY
    ]


def note_chunks(request: web.BaseRequest, record: RequestRecord, body: bytes) -> None:
    """Note the lines of a body that goes no further; a broken one has none."""
    try:
        if hdrs.CONTENT_ENCODING in request.headers and body[:2] == b"\x1f\x8b":
            body = gunzip(body, _MOST)
        record.chunks = chunks_in(update_decoder.decode(body))
    except (RequestError, msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
