"""One finished request, as every onlooker sees it.

`wire` makes a record when a request arrives, the handlers fill it in, and `observe` gets it once,
after the answer is known. From then on nobody changes it; it only sheds the details of its rows.
The journal packs records; as arrays they are short.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from mockwb.logged_rows import LoggedRows
from mockwb.target import ANONYMOUS, Caller, Target

HISTORY_FILE = "wandb-history.jsonl"
"""The streamed file whose lines are history rows."""


class RefusedBy(msgspec.Struct, array_like=True):
    """Which limit turned a request away."""

    scope: str
    """`project`, `run`, `user`, `ip`; `server` for a freeze."""
    limit: str
    """`requests`, `bytes`, ..."""


class Ingested(msgspec.Struct, array_like=True):
    """What one file_stream request added to a run."""

    rows: int = 0
    """History rows stored that were not there before."""
    rows_resent: int = 0
    """History rows that were there already, byte for byte; stored once all the same."""
    rows_changed: int = 0
    """History rows whose offset was there already with other content; the newer one is kept."""
    values: int = 0
    """Metric values in the new rows, nested dicts flattened; W&B calls them logged points."""
    logged: LoggedRows | None = None
    """What else is to be known of the new rows; None without any history."""
    lines: int = 0
    """New lines of every streamed file, history included."""
    gaps: list[tuple[str, int, int]] = []
    """(file, first missing line, one past the last missing line) that this request left open."""
    chunks_resent: int = 0
    """Chunks of which all lines were stored already, byte for byte."""
    lags: Sequence[float] = ()
    """Seconds from the timestamps of new history rows, where they have one, to their storage."""
    completed: bool = False
    """The request carried the finish mark."""


class ActedFault(NamedTuple):
    """A fault that befell a request."""

    name: str
    kind: str


class Traffic:
    """What a request and its answer say word for word; made only where a journal wants that.

    It holds keys as they came, so whoever keeps any of it redacts it first.
    """

    __slots__ = (
        "answer_body",
        "answer_headers",
        "body",
        "headers",
        "max_body",
        "received",
    )

    def __init__(self, max_body: int, headers: Iterable[tuple[str, str]]) -> None:
        """Keep bodies of up to `max_body` bytes, on the wire, and these headers."""
        self.max_body = max_body
        self.headers = list(headers)
        self.body = bytearray()
        """What came of the request's body; empty if it became too large."""
        self.received = 0
        """Bytes of it that anybody read."""
        self.answer_headers: list[tuple[str, str]] = []
        self.answer_body: bytes | None = None
        """None for one that was streamed."""

    def take(self, chunk: bytes) -> None:
        """Note that these bytes of the request's body arrived."""
        self.received += len(chunk)
        if self.received <= self.max_body:
            self.body += chunk
        else:
            self.body.clear()


class Upserted(msgspec.Struct, array_like=True):
    """What a request that made or changed a run was about."""

    runs: int
    """In the project now."""
    config_bytes: int | None = None
    """Of the run's whole config as JSON; None if it did not come along."""


class RequestRecord(msgspec.Struct, array_like=True):
    """When, who, what, how much, and how it ended."""

    target: Target
    started_at: float
    """Seconds, monotonic."""
    method: str
    path: str
    """Percent-encoded as it came, without the query."""
    query: str = ""
    """The query as it came, but for tokens and keys in it."""
    caller: Caller = ANONYMOUS
    user_agent: str = ""
    writer: str = ""
    """Which of several writers to a run in shared mode sent it; else empty."""
    connection: int = 0
    """Client's port of a GraphQL request: the same for requests over one connection."""
    fingerprint: int = 0
    """Hash of a GraphQL request's body: the same for attempts that repeat each other."""
    bytes_in: int = 0
    """Body bytes as they came over the wire."""
    bytes_out: int = 0
    status: int = 0
    """HTTP status; 0 when the client went away before an answer."""
    duration: float = 0.0
    """Seconds from the first byte of the request to the answer."""
    ratelimit_remaining: int | None = None
    """RateLimit-Remaining of the answer, 0..1000; None when no limit applies."""
    ratelimit_reset: int | None = None
    """RateLimit-Reset of the answer, in seconds."""
    retry_after: int | None = None
    """Retry-After of a 429, in seconds, if it carries one."""
    refused_by: RefusedBy | None = None
    chunks: Sequence[tuple[str, int, int]] = ()
    """(file, offset of the first line, lines) that a file_stream request had, stored or not."""
    ingested: Ingested | None = None
    upserted: Upserted | None = None
    faults: tuple[ActedFault, ...] = ()
    """What was done to it on command."""
    error: str | None = None
    """The message of an error answer."""
    traffic: Traffic | None = None

    def shed(self) -> None:
        """Let go of the details of its rows, once everybody has seen them.

        Who keeps records keeps thousands of them.
        """
        self.chunks = ()
        if self.ingested is not None:
            self.ingested.logged = None
            self.ingested.lags = ()

    @property
    def fault(self) -> str | None:
        """Names of the faults that befell it, with commas between them; None for none."""
        return ",".join(fault.name for fault in self.faults) or None
