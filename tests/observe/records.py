"""Records as `wire` would make them, for the tests of this room."""

from mockwb.record import Ingested, RefusedBy, RequestRecord
from mockwb.target import Caller, Surface, Target


def streamed(
    run: str = "r1",
    *,
    entity: str = "team",
    project: str = "proj",
    status: int = 200,
    at: float = 0.0,
    duration: float = 0.0,
    bytes_in: int = 100,
    bytes_out: int = 2,
    remaining: int | None = None,
    reset: int | None = None,
    retry_after: int | None = None,
    ingested: Ingested | None = None,
    refused_by: RefusedBy | None = None,
    error: str | None = None,
) -> RequestRecord:
    """One file_stream request."""
    return RequestRecord(
        Target(Surface.FILE_STREAM, entity, project, run),
        at,
        "POST",
        f"/files/{entity}/{project}/{run}/file_stream",
        caller=Caller("someone", "127.0.0.1"),
        bytes_in=bytes_in,
        bytes_out=bytes_out,
        status=status,
        duration=duration,
        ratelimit_remaining=remaining,
        ratelimit_reset=reset,
        retry_after=retry_after,
        ingested=ingested,
        refused_by=refused_by,
        error=error,
    )


def refused(run: str = "r1", *, limit: str = "requests", **more: object) -> RequestRecord:
    """One file_stream request that a project limit turned away."""
    return streamed(run, status=429, refused_by=RefusedBy("project", limit), **more)  # type: ignore[arg-type]


def asked(
    operation: str | None = "Viewer",
    *,
    surface: Surface = Surface.GRAPHQL,
    status: int = 200,
    path: str = "/graphql",
    error: str | None = None,
) -> RequestRecord:
    """One request that names no project."""
    return RequestRecord(
        Target(surface, operation=operation), 0.0, "POST", path, status=status, error=error
    )
