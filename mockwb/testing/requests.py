"""An onlooker that keeps the requests of a server for tests to look at."""

from collections import deque
from dataclasses import dataclass

from mockwb.record import RequestRecord
from mockwb.target import Surface

KEPT = 100_000
"""Requests remembered; beyond it the oldest are forgotten."""
_REFUSED_OR_BROKEN = 400


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One finished request."""

    method: str
    path: str
    endpoint: str
    """`file_stream`, `graphql`, `storage`, ...: as metrics and accounts call it."""
    operation: str | None
    """GraphQL operation."""
    entity: str | None
    project: str | None
    run: str | None
    """Id of the run that it names."""
    user: str | None
    """Whose API key it came with."""
    status: int
    """HTTP status; 0 when the client went away before an answer."""
    refused_by: str | None
    """The limit behind a 429, such as `project.requests`."""
    faults: tuple[str, ...]
    """Names of the faults that befell it."""
    bytes_in: int
    """Of the body, as it came over the wire."""
    bytes_out: int
    rows: int
    """History rows stored that were not there before."""
    seconds: float
    """How long it took."""
    error: str | None
    """Message of an error answer."""


class SeenRequests:
    """All requests of a server, and among them those whose data never got through."""

    def __init__(self, kept: int = KEPT) -> None:
        """Remember the last `kept` of them."""
        self._requests: deque[SeenRequest] = deque(maxlen=kept)
        self._undelivered: dict[object, SeenRequest] = {}

    def saw(self, record: RequestRecord) -> None:
        """Keep what tests may ask of it."""
        target, by = record.target, record.refused_by
        seen = SeenRequest(
            method=record.method,
            path=record.path,
            endpoint=target.surface.value,
            operation=target.operation,
            entity=target.entity,
            project=target.project,
            run=target.run,
            user=record.caller.user,
            status=record.status,
            refused_by=f"{by.scope}.{by.limit}" if by is not None else None,
            faults=tuple(fault.name for fault in record.faults),
            bytes_in=record.bytes_in,
            bytes_out=record.bytes_out,
            rows=record.ingested.rows if record.ingested is not None else 0,
            seconds=record.duration,
            error=record.error,
        )
        self._requests.append(seen)
        parcel = _parcel(record)
        if parcel is None:
            return
        if 0 < seen.status < _REFUSED_OR_BROKEN:
            self._undelivered.pop(parcel, None)
        else:
            self._undelivered[parcel] = seen

    def all(self) -> list[SeenRequest]:
        """Oldest first."""
        return list(self._requests)

    def undelivered(self) -> list[SeenRequest]:
        """The last attempt of each delivery that failed and was not made good since."""
        return list(self._undelivered.values())


def _parcel(record: RequestRecord) -> object | None:
    """What several attempts at one delivery have in common; None for requests that bring no data.

    Clients send the next part of a stream only after the last one was taken.
    """
    target = record.target
    if target.surface is Surface.FILE_STREAM:
        return target.entity, target.project, target.run, record.writer
    if target.surface is Surface.STORAGE and record.method == "PUT":
        return record.path
    if target.operation == "UpsertBucket":
        return record.caller.user, record.fingerprint
    return None
