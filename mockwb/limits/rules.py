"""What can be limited, as configuration says it: a section per scope, each with overrides.

The fields of a section are the limits of that scope; `scopes.SCOPES` says what each counts.
"""

from typing import Annotated, Literal

import msgspec

from mockwb.limits.query_costs import QueryCosts
from mockwb.limits.rates import ByteRates, CountRates, TimeRates
from mockwb.limits.retry_after import RetryAfter
from mockwb.limits.windows.kinds import WindowKind


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """None leaves a limit unlimited, or, in an override, as it is in general."""


class _ProjectRates(_Section, frozen=True, kw_only=True):
    requests: CountRates | None = None
    """file_stream requests."""
    bytes: ByteRates | None = None
    """file_stream body bytes; `bytes_counted` says which."""
    run_creations: CountRates | None = None
    """Runs that upsertBucket inserts."""
    query_time: TimeRates | None = None
    """Database query time of GraphQL requests that name the project."""
    storage_requests: CountRates | None = None
    """File uploads and downloads."""
    storage_bytes: ByteRates | None = None
    """Bytes of file uploads and downloads."""


class ProjectOverride(_ProjectRates, frozen=True, kw_only=True):
    """Other limits for some projects."""

    match: str
    """Glob over `entity/project`, such as `my-team/*`. The first override that matches counts."""


class ProjectLimits(_ProjectRates, frozen=True, kw_only=True):
    """The limits of each project."""

    overrides: list[ProjectOverride] = []


class _RequestRates(_Section, frozen=True, kw_only=True):
    requests: CountRates | None = None


class RequestOverride(_RequestRates, frozen=True, kw_only=True):
    """Other limits for some keys of the scope."""

    match: str
    """Glob over the scope's keys. The first override that matches counts."""


class RequestLimits(_RequestRates, frozen=True, kw_only=True):
    """The limits of each key of a scope that counts requests alone."""

    overrides: list[RequestOverride] = []


class LimitRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All limits, and how refusals speak."""

    project: ProjectLimits = ProjectLimits()
    run: RequestLimits = RequestLimits()
    """file_stream requests of each run, `entity/project/run`."""
    user: RequestLimits = RequestLimits()
    """GraphQL requests with a valid key, of each user name."""
    ip: RequestLimits = RequestLimits()
    """GraphQL requests without a valid key, of each address."""
    window: WindowKind = "rolling"
    """Kind of the windows that do not name theirs, as `60/1m fixed` does."""
    count_refused: bool = False
    """Whether refused requests are charged too, so that hammering keeps a client out."""
    bytes_counted: Literal["wire", "decompressed"] = "wire"
    """Which bytes of file_stream bodies count: as they came, or after gunzip."""
    query_costs: QueryCosts = QueryCosts()
    reset: Literal["empty", "next"] = "empty"
    """RateLimit-Reset: until the window is `empty` again, or until the `next` request passes."""
    remaining_floor: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """Lowest RateLimit-Remaining ever answered; 1 spares the SDK's pacing what a 0 does to it."""
    retry_after: RetryAfter = RetryAfter("off")
    """Retry-After on 429 of file_stream and files; W&B documents none."""
    graphql_retry_after: RetryAfter = RetryAfter("next")
    """Retry-After on 429 of GraphQL, where SDKs heed no other header."""
    oversize: Literal["admit", "reject"] = "admit"
    """A request larger than a whole byte limit: alone in an empty window, or 413."""


LimitSection = ProjectLimits | RequestLimits
