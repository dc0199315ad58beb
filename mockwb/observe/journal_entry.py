"""One request in the journal: what `/_mockwb/journal` answers, and a line of the journal's file.

`journal` makes entries of records; `har`, `mockwb ctl journal` and `mockwb replay-journal` read
them.
"""

import base64
import binascii
import zlib
from typing import Literal

import msgspec

from mockwb.observe.redaction import Redactor
from mockwb.record import RequestRecord, Traffic
from mockwb.target import Surface

_GZIP = 16 + zlib.MAX_WBITS
_WITH_BODIES = frozenset({Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE})
"""W&B's own paths. What else there is does not need its bodies told, and some hold keys."""

TOO_LARGE, UNREAD, STREAMED = "too large", "unread", "streamed"
LeftOut = Literal["too large", "unread", "streamed", "broken", "not W&B's"]
"""Why a body is not there: larger than `journal.max_body`; answered without reading it; a file that
was sent in pieces; gzip that is none; not a path of W&B."""


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one side said."""

    headers: list[tuple[str, str]] = []
    """As they came; on answers, those that mockwb decides on."""
    body: str | None = None
    """After gunzip; None for an empty one, or one that was left out."""
    encoding: Literal["text", "base64"] = "text"
    """How `body` is written; what is no text is base64."""
    left_out: LeftOut | None = None
    """Why there is no body although there was one."""

    def content(self) -> bytes | None:
        """The body as bytes, b"" for an empty one; None for one left out, or unreadable base64."""
        if self.left_out is not None:
            return None
        if self.body is None:
            return b""
        if self.encoding == "text":
            return self.body.encode()
        try:
            return base64.b64decode(self.body, validate=True)
        except binascii.Error:
            return None


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who asked what, when, and how it ended. What is not known, or nothing, is left out."""

    seq: int
    """Counts the requests of one server from 1 on, in the order in which they ended."""
    time: float
    """When it began, in seconds since the Unix epoch."""
    duration: float
    """Seconds until it was answered."""
    method: str
    path: str
    """Percent-encoded, without the query."""
    query: str = ""
    endpoint: str
    status: int
    """HTTP status; 0 when the client went away before an answer."""
    bytes_in: int = 0
    """Of the body, as it came over the wire."""
    bytes_out: int = 0
    entity: str | None = None
    project: str | None = None
    run: str | None = None
    operation: str | None = None
    """GraphQL operation."""
    user: str | None = None
    ip: str = ""
    user_agent: str = ""
    writer: str = ""
    ratelimit_remaining: int | None = None
    ratelimit_reset: int | None = None
    retry_after: int | None = None
    refused_by: str | None = None
    """Which limit refused it, such as `project.requests`."""
    fault: str | None = None
    """Names of the faults that befell it, with commas between them."""
    rows: int = 0
    """History rows that it added."""
    error: str | None = None
    request: Message | None = None
    """Headers and body; None unless `journal.bodies` is on."""
    response: Message | None = None


class Messages(msgspec.Struct, frozen=True):
    """Both sides of a request, without keys."""

    request: Message
    response: Message
    size: int
    """Bytes in memory, about."""


def messages_of(record: RequestRecord, traffic: Traffic, redactor: Redactor) -> Messages:
    """What `traffic` says, redacted."""
    for name, value in traffic.headers:
        if name.lower() == "authorization":
            redactor.learn(value)
    request = _message(record, traffic, redactor, _request_body(record, traffic), traffic.headers)
    answer: bytes | LeftOut
    if traffic.answer_body is None:
        answer = "streamed" if record.bytes_out else b""
    else:
        answer = traffic.answer_body
    response = _message(record, traffic, redactor, answer, traffic.answer_headers)
    return Messages(request, response, _size(request) + _size(response))


def _request_body(record: RequestRecord, traffic: Traffic) -> bytes | LeftOut:
    if traffic.received > traffic.max_body:
        return "too large"
    if traffic.received == 0 and _declares_body(traffic):
        return "unread"
    return bytes(traffic.body)


def _declares_body(traffic: Traffic) -> bool:
    headers = {name.lower(): value for name, value in traffic.headers}
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _message(
    record: RequestRecord,
    traffic: Traffic,
    redactor: Redactor,
    body: bytes | LeftOut,
    headers: list[tuple[str, str]],
) -> Message:
    kept = redactor.headers(headers)
    surface = record.target.surface
    if isinstance(body, bytes) and surface not in _WITH_BODIES:
        body = "not W&B's" if body else b""
    if isinstance(body, bytes) and surface is not Surface.STORAGE:  # whose files are as they are
        body = _unpacked(body, headers, traffic.max_body)
    if isinstance(body, str):
        return Message(kept, left_out=body)
    if len(body) > traffic.max_body:
        return Message(kept, left_out="too large")
    body = redactor.body(body)
    try:
        return Message(kept, body.decode() or None)
    except UnicodeDecodeError:
        return Message(kept, base64.b64encode(body).decode(), "base64")


def _unpacked(body: bytes, headers: list[tuple[str, str]], max_size: int) -> bytes | LeftOut:
    packed = any(
        name.lower() == "content-encoding" and value.strip().lower() in ("gzip", "x-gzip")
        for name, value in headers
    )
    if not packed:
        return body
    plain = bytearray()
    while body:
        member = zlib.decompressobj(_GZIP)
        try:
            plain += member.decompress(body, max_size + 1 - len(plain))
        except zlib.error:
            return "broken"
        if len(plain) > max_size:
            return "too large"
        if not member.eof:
            return "broken"
        body = member.unused_data
    return bytes(plain)


def _size(message: Message) -> int:
    return len(message.body or "") + sum(len(name) + len(value) for name, value in message.headers)


def entry_of(
    seq: int, record: RequestRecord, messages: Messages | None, to_wall: float
) -> JournalEntry:
    """The entry; `to_wall` added to monotonic seconds gives seconds since the Unix epoch."""
    target, caller, refused_by = record.target, record.caller, record.refused_by
    return JournalEntry(
        seq=seq,
        time=record.started_at + to_wall,
        duration=record.duration,
        method=record.method,
        path=_clean(record.path),
        query=_clean(record.query),
        endpoint=target.surface.value,
        status=record.status,
        bytes_in=record.bytes_in,
        bytes_out=record.bytes_out,
        entity=_clean_or_none(target.entity),
        project=_clean_or_none(target.project),
        run=_clean_or_none(target.run),
        operation=_clean_or_none(target.operation),
        user=caller.user,
        ip=caller.ip,
        user_agent=record.user_agent,
        writer=_clean(record.writer),
        ratelimit_remaining=record.ratelimit_remaining,
        ratelimit_reset=record.ratelimit_reset,
        retry_after=record.retry_after,
        refused_by=f"{refused_by.scope}.{refused_by.limit}" if refused_by else None,
        fault=record.fault,
        rows=record.ingested.rows if record.ingested else 0,
        error=record.error,
        request=messages.request if messages else None,
        response=messages.response if messages else None,
    )


def _clean(text: str) -> str:
    """The same, without the halves of characters by which aiohttp stands for bytes that are none.

    JSON cannot hold them.
    """
    return text if text.isascii() else text.encode(errors="replace").decode()


def _clean_or_none(text: str | None) -> str | None:
    return None if text is None else _clean(text)
