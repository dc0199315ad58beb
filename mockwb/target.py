"""Who asks, what for, and what it costs: the words that wire, gate, limits and observe share.

`wire` names them once per request; `limits` decides on them; `observe` counts by them.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec


class Surface(StrEnum):
    """The parts of W&B's HTTP interface; also the `endpoint` label of metrics and accounts."""

    FILE_STREAM = "file_stream"
    GRAPHQL = "graphql"
    STORAGE = "storage"
    TELEMETRY = "telemetry"
    HEALTH = "health"
    CONTROL = "control"
    OTHER = "other"

    # Enum's own is a Python call, several times per request; the text's is not.
    __hash__ = str.__hash__


LIMITED = {
    "project.requests": Surface.FILE_STREAM,
    "project.bytes": Surface.FILE_STREAM,
    "run.requests": Surface.FILE_STREAM,
    "project.run_creations": Surface.GRAPHQL,
    "project.query_time": Surface.GRAPHQL,
    "user.requests": Surface.GRAPHQL,
    "ip.requests": Surface.GRAPHQL,
    "project.storage_requests": Surface.STORAGE,
    "project.storage_bytes": Surface.STORAGE,
}
"""Every limit as accounts name it, `scope.limit`, and the requests it applies to."""

FROZEN = "server.freeze"
"""What accounts call a freeze, which refuses on all of these surfaces."""


class Caller(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who sent a request: a user with a valid key, or else only an address."""

    user: str | None
    """User name; None without a valid key."""
    ip: str = ""
    """Remote address, empty when unknown."""


ANONYMOUS = Caller(None)
"""Before anybody is identified."""


class Target(msgspec.Struct, array_like=True, gc=False):
    """What a request is about. Fields stay None where the request does not name them.

    Several requests may share one; only who made it for a single request changes it.
    """

    surface: Surface
    entity: str | None = None
    project: str | None = None
    run: str | None = None
    operation: str | None = None
    """GraphQL operation name."""

    @property
    def project_path(self) -> str | None:
        """`entity/project`, the key of project-level limits."""
        if self.entity is None or self.project is None:
            return None
        return f"{self.entity}/{self.project}"

    @property
    def run_path(self) -> str | None:
        """`entity/project/run`, the key of run-level limits."""
        if self.entity is None or self.project is None or self.run is None:
            return None
        return f"{self.entity}/{self.project}/{self.run}"


class Cost(NamedTuple):
    """What a request takes from quotas; a quota whose field is 0 has no say in it."""

    requests: int = 1
    bytes: int = 0
    """Body bytes, sent or received: on the wire, or after gunzip if the limits count so."""
    run_creations: int = 0
    """Runs that an upsertBucket is about to insert."""
    query_ms: int = 0
    """Database query time in milliseconds."""


class WindowUsage(NamedTuple):
    """How full one window is at some instant."""

    scope: str
    """`project`, `run`, `user`, `ip`."""
    key: str
    """What is limited: `entity/project`, `entity/project/run`, a user name, an address."""
    limit: str
    """`requests`, `bytes`, ...: what the scope's configuration calls it."""
    amount: int
    """What the window allows: a number, bytes, or milliseconds of query time."""
    window: float
    """Its length in seconds."""
    used: int
    """What counts against it now, at most `amount` unless debts are charged."""
    kind: str = "rolling"
    """Kind of window."""
    reset: float = 0.0
    """Seconds until it is empty if nothing more arrives."""

    @property
    def remaining(self) -> int:
        """What would still be admitted now."""
        return max(0, self.amount - self.used)
