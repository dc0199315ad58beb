"""Reads what was recorded, as the journal's file or as HAR, into requests that can be sent again.

`mockwb replay-journal` calls `read_recording`.
"""

import base64
import binascii
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from mockwb.observe.har import NOT_KEPT, Har, HarEntry
from mockwb.observe.journal_entry import JournalEntry, LeftOut
from mockwb.target import Surface

_SENT = (Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE)
_WITH_BODY = ("POST", "PUT", "PATCH")
_HAR = re.compile(rb'\s*\{\s*"log"\s*:')


class RecordingError(Exception):
    """A recording that cannot be sent again; the message names the request and what to do."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One request as it was, without its key."""

    number: int
    """Its place in the recording, from 1 on."""
    time: float
    """When it began, in seconds since the Unix epoch."""
    duration: float
    method: str
    path: str
    """Percent-encoded."""
    query: str
    endpoint: Surface
    headers: list[tuple[str, str]]
    body: bytes
    answer: bytes | None
    """Body of the answer; None where it was not kept."""
    status: int

    def __str__(self) -> str:
        """How messages name it."""
        return f"request {self.number} ({self.method} {self.path})"


@dataclass(frozen=True, slots=True)
class Recording:
    """What there is to send, by the time at which it began."""

    requests: list[Recorded]
    skipped: Counter[str] = field(default_factory=Counter)
    """Why requests are left out -> how many."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One request of either form."""

    recorded: Recorded
    bodies: bool
    """Whether bodies were kept at all."""
    left_out: LeftOut | str | None


def read_recording(file: Path) -> Recording:
    """Everything in `file`; RecordingError if it is no recording, or one without bodies."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise RecordingError(f"{file}: {error.strerror}") from error
    skipped: Counter[str] = Counter()
    entries = _of_har(file, data) if _HAR.match(data) else _of_lines(file, data, skipped)
    requests = []
    for entry in entries:
        why = _why_not(file, entry)
        if why is None:
            requests.append(entry.recorded)
        else:
            skipped[why] += 1
    return Recording(sorted(requests, key=lambda request: request.time), skipped)


def _why_not(file: Path, entry: _Entry) -> str | None:
    """Why a request is not sent; RecordingError if it should be and cannot."""
    request = entry.recorded
    if request.endpoint not in _SENT:
        return "not W&B's runs, files or GraphQL"
    if request.status == 0:
        return "the client went away"
    if request.method not in _WITH_BODY:
        return None
    if not entry.bodies:
        raise RecordingError(
            f"{file}: {request} was recorded without its body; record with "
            "`journal.bodies: true` (mockwb serve --journal-bodies)"
        )
    if entry.left_out == "too large":
        raise RecordingError(
            f"{file}: {request} was recorded without its body, which is larger than the server's "
            "`journal.max_body`; record with a larger one"
        )
    if entry.left_out == "unread":
        return "refused before the body was read"
    return None if entry.left_out is None else "the body was broken"


def _of_lines(file: Path, data: bytes, skipped: Counter[str]) -> list[_Entry]:
    decoder = msgspec.json.Decoder(JournalEntry)
    entries = []
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entries.append(_of_entry(number, decoder.decode(line)))
        except (msgspec.DecodeError, ValueError):
            skipped["a line that breaks off"] += 1
    if not entries:
        raise RecordingError(f"{file}: expected a journal (lines of JSON) or HAR, found neither")
    return entries


def _of_entry(number: int, entry: JournalEntry) -> _Entry:
    request, response = entry.request, entry.response
    body = b"" if request is None else request.content()
    recorded = Recorded(
        number=number,
        time=entry.time,
        duration=entry.duration,
        method=entry.method,
        path=entry.path,
        query=entry.query,
        endpoint=Surface(entry.endpoint),
        headers=[] if request is None else request.headers,
        body=body or b"",
        answer=None if response is None else response.content(),
        status=entry.status,
    )
    left_out = None if request is None else request.left_out
    return _Entry(recorded, request is not None, left_out if body is None else None)


def _of_har(file: Path, data: bytes) -> list[_Entry]:
    try:
        archive = msgspec.json.decode(data, type=Har)
        return [_of_har_entry(number, one) for number, one in enumerate(archive.log.entries, 1)]
    except (msgspec.DecodeError, ValueError) as error:
        raise RecordingError(f"{file}: no HAR that can be read: {error}") from error


def _of_har_entry(number: int, entry: HarEntry) -> _Entry:
    url = urlsplit(entry.request.url)
    data, content = entry.request.post_data, entry.response.content
    answer = None if content.text is None else _decoded(content.text, content.encoding)
    recorded = Recorded(
        number=number,
        time=datetime.fromisoformat(entry.started_date_time).timestamp(),
        duration=entry.time / 1000,
        method=entry.request.method,
        path=url.path,
        query=url.query,
        endpoint=Surface(entry.endpoint) if entry.endpoint else _endpoint_of(url.path),
        headers=[(pair.name, pair.value) for pair in entry.request.headers],
        body=b"" if data is None else _decoded(data.text, data.encoding),
        answer=answer,
        status=entry.response.status,
    )
    # Archives of others do not say why a body is missing; an empty one is 0 bytes.
    kept = data is not None or entry.request.body_size == 0 or entry.left_out is not None
    return _Entry(recorded, kept and entry.left_out != NOT_KEPT, entry.left_out)


def _decoded(text: str, encoding: str | None) -> bytes:
    if encoding != "base64":
        return text.encode()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from error


def _endpoint_of(path: str) -> Surface:
    if path.endswith("/graphql"):
        return Surface.GRAPHQL
    if path.startswith("/files/"):
        return Surface.FILE_STREAM if path.endswith("/file_stream") else Surface.STORAGE
    return Surface.STORAGE if path.startswith("/storage/") else Surface.OTHER
