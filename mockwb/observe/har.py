"""Entries of the journal as an HTTP archive (HAR 1.2), which browsers and other tools open.

Names that begin with `_` are additions, as the format allows. `control` serves it, and
`replay-journal` reads it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

import msgspec

from mockwb import __version__
from mockwb.observe.journal_entry import JournalEntry, Message

NOT_KEPT = "journal.bodies is off"
"""Why the body of a request is missing that the journal was not told to keep."""
_UNKNOWN = -1
"""What the format says for sizes that are not known."""


class HarPair(msgspec.Struct, frozen=True):
    """A header, a parameter or a cookie."""

    name: str
    value: str


class HarPostData(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Body of a request."""

    mime_type: str
    text: str = ""
    encoding: str | None = msgspec.field(name="_encoding", default=None)
    """`base64`, which the format knows for answers only."""


class HarContent(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Body of an answer."""

    size: int
    mime_type: str
    text: str | None = None
    encoding: str | None = None


class HarRequest(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What was asked."""

    method: str
    url: str
    http_version: str
    cookies: list[HarPair]
    headers: list[HarPair]
    query_string: list[HarPair]
    headers_size: int
    body_size: int
    post_data: HarPostData | None = None


class HarResponse(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was answered."""

    status: int
    status_text: str
    http_version: str
    cookies: list[HarPair]
    headers: list[HarPair]
    content: HarContent
    redirect_url: str = msgspec.field(name="redirectURL")
    headers_size: int
    body_size: int


class HarTimings(msgspec.Struct, frozen=True):
    """Milliseconds; the server knows only the whole."""

    send: float
    wait: float
    receive: float


class HarEntry(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One request."""

    started_date_time: str
    time: float
    """Milliseconds."""
    request: HarRequest
    response: HarResponse
    cache: dict[str, Any]
    timings: HarTimings
    endpoint: str = msgspec.field(name="_endpoint", default="")
    run: str | None = msgspec.field(name="_run", default=None)
    """`entity/project/run`."""
    operation: str | None = msgspec.field(name="_operation", default=None)
    left_out: str | None = msgspec.field(name="_requestBodyLeftOut", default=None)
    """Why there is no body of the request although there was one."""


class HarCreator(msgspec.Struct, frozen=True):
    """What wrote the archive."""

    name: str
    version: str


class HarLog(msgspec.Struct, frozen=True):
    """The archive."""

    version: str
    creator: HarCreator
    entries: list[HarEntry]


class Har(msgspec.Struct, frozen=True):
    """A HAR file."""

    log: HarLog


def har_of(entries: Iterable[JournalEntry]) -> Har:
    """The archive of `entries`, by the time at which they began."""
    ordered = sorted(entries, key=lambda entry: entry.time)
    return Har(HarLog("1.2", HarCreator("mockwb", __version__), [*map(_entry, ordered)]))


def _entry(entry: JournalEntry) -> HarEntry:
    milliseconds = round(entry.duration * 1000, 3)
    place = (entry.entity, entry.project, entry.run)
    return HarEntry(
        started_date_time=datetime.fromtimestamp(entry.time, UTC).isoformat(
            timespec="microseconds"
        ),
        time=milliseconds,
        request=_request(entry, entry.request or Message()),
        response=_response(entry, entry.response or Message()),
        cache={},
        timings=HarTimings(0, milliseconds, 0),
        endpoint=entry.endpoint,
        run="/".join(filter(None, place)) or None,
        operation=entry.operation,
        left_out=_why_left_out(entry),
    )


def _why_left_out(entry: JournalEntry) -> str | None:
    if entry.request is None:
        return NOT_KEPT if entry.bytes_in else None
    return entry.request.left_out


def _request(entry: JournalEntry, message: Message) -> HarRequest:
    host = _header(message, "host") or "localhost"
    query = f"?{entry.query}" if entry.query else ""
    data: HarPostData | None = None
    if message.body is not None:
        data = HarPostData(
            mime_type=_header(message, "content-type") or "application/octet-stream",
            text=message.body,
            encoding="base64" if message.encoding == "base64" else None,
        )
    return HarRequest(
        method=entry.method,
        url=f"http://{host}{entry.path}{query}",
        http_version="HTTP/1.1",
        cookies=[],
        headers=_pairs(message),
        query_string=[_parameter(part) for part in entry.query.split("&") if part],
        headers_size=_UNKNOWN,
        body_size=entry.bytes_in,
        post_data=data,
    )


def _response(entry: JournalEntry, message: Message) -> HarResponse:
    encoded = message.encoding == "base64" and message.body is not None
    return HarResponse(
        status=entry.status,
        status_text=_reason(entry.status),
        http_version="HTTP/1.1",
        cookies=[],
        headers=_pairs(message),
        content=HarContent(
            size=entry.bytes_out,
            mime_type=_header(message, "content-type") or "application/json",
            text=message.body,
            encoding="base64" if encoded else None,
        ),
        redirect_url=_header(message, "location") or "",
        headers_size=_UNKNOWN,
        body_size=entry.bytes_out,
    )


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # 0, or one of nobody's
        return ""


def _header(message: Message, name: str) -> str | None:
    return next((value for key, value in message.headers if key.lower() == name), None)


def _pairs(message: Message) -> list[HarPair]:
    return [HarPair(name, value) for name, value in message.headers]


def _parameter(part: str) -> HarPair:
    name, _, value = part.partition("=")
    return HarPair(unquote_plus(name), unquote_plus(value))
