"""The gate: every request of W&B's surfaces passes it once, or is answered by it."""

from collections.abc import Awaitable, Callable

from mockwb.faults.effect import Effect
from mockwb.faults.faults import Faults
from mockwb.faults.subject import Subject, version_in
from mockwb.gate.authentication import Authenticator, UnauthorizedError
from mockwb.gate.headers import rate_limit_headers
from mockwb.limits.decision import Decision
from mockwb.limits.freeze import FREEZE
from mockwb.limits.limiter import Limiter
from mockwb.limits.query_costs import QueryCosts
from mockwb.limits.scopes import SCOPES
from mockwb.record import ActedFault, RefusedBy, RequestRecord
from mockwb.target import Caller, Cost
from mockwb.units import format_size

_NO_HEADERS: dict[str, str] = {}
(_RUN_CREATIONS,) = (scope for scope in SCOPES if scope.limit == "run_creations")
(_QUERY_TIME,) = (scope for scope in SCOPES if scope.limit == "query_time")


SdkVersion = Callable[[str, str, str], Awaitable[str]]
"""(entity, project, run) -> version of the SDK that made the run; "" if that is not known."""


async def _unknown(*_: str) -> str:
    return ""


class RefusedError(Exception):
    """The gate's own answer to a request; the message is short, since SDKs echo it in one line."""

    def __init__(self, status: int, message: str, headers: dict[str, str] = _NO_HEADERS) -> None:
        """Answer with `status`, `headers` and `message` in the body."""
        super().__init__(message)
        self.status = status
        self.headers = headers


class Gate:
    """Authentication, then faults, then limits."""

    def __init__(
        self,
        authenticator: Authenticator,
        limiter: Limiter,
        faults: Faults,
        sdk_version: SdkVersion = _unknown,
    ) -> None:
        """Ask `authenticator` who it is, `faults` what befalls it, `limiter` if it may pass.

        `sdk_version` is asked where a fault depends on it and the User-Agent does not say.
        """
        self._authenticator = authenticator
        self._limiter = limiter
        self._sdk_version = sdk_version
        self.faults = faults
        """Handlers look whether they are `active` before they ask for one."""

    def identify(self, record: RequestRecord, authorization: str | None) -> str:
        """The user behind the request; RefusedError (401) without a good key."""
        try:
            user = self._authenticator.user(authorization)
        except UnauthorizedError as error:
            raise RefusedError(401, str(error)) from error
        record.caller = Caller(user, record.caller.ip)
        return user

    def identify_or_count(self, record: RequestRecord, authorization: str | None) -> str:
        """As `identify`, but whoever has no good key is counted by address.

        RefusedError: 401 with the headers of that limit, or 429 beyond it.
        """
        try:
            return self.identify(record, authorization)
        except RefusedError as refusal:
            headers = self.admit(record, Cost())
            raise RefusedError(refusal.status, str(refusal), headers) from refusal

    async def fault(self, record: RequestRecord) -> Effect | None:
        """What befalls the request on command, noted in its record; None if nothing does.

        The record needs its target and caller by now.
        """
        agent, target = record.user_agent, record.target
        version = version_in(agent)
        if not version and self.faults.needs_sdk_version:
            entity, project, run = target.entity, target.project, target.run
            if entity is not None and project is not None and run is not None:
                version = await self._sdk_version(entity, project, run)
        struck = self.faults.decide(Subject(target, record.caller.user or "", agent, version))
        if struck is None:
            return None
        record.faults = tuple(ActedFault(*by) for by in struck.by)
        return struck.effect

    @property
    def limits_run_creations(self) -> bool:
        """Whether any project may only have so many new runs per window."""
        return _RUN_CREATIONS.limited(self._limiter.rules)

    @property
    def query_costs(self) -> QueryCosts | None:
        """What queries cost; None if no project's query time is limited."""
        rules = self._limiter.rules
        return rules.query_costs if _QUERY_TIME.limited(rules) else None

    @property
    def counts_decompressed(self) -> bool:
        """Whether byte limits of file_stream count bodies after gunzip."""
        return self._limiter.rules.bytes_counted == "decompressed"

    def admit(self, record: RequestRecord, cost: Cost) -> dict[str, str]:
        """Charge `cost` to the limits; the headers that the answer must carry.

        RefusedError if a limit refuses: 429, or 413 for what can never pass. The record needs
        its target and caller by now.
        """
        decision = self._limiter.admit(record.target, record.caller, cost)
        if decision is None:
            return _NO_HEADERS
        headers = _told(record, decision)
        if decision.admitted:
            return headers
        if decision.too_large:
            size = format_size(cost.bytes)
            limit = f"the {decision.limit} limit of {decision.scope} {decision.key}"
            message = f"request of {size} is larger than {limit} ({decision.allowance})"
            raise RefusedError(413, message, headers)
        record.refused_by = RefusedBy(decision.scope, decision.limit)
        raise RefusedError(429, refusal_text(decision), headers)

    def charge(self, record: RequestRecord, cost: Cost) -> dict[str, str]:
        """Charge what an admitted request turned out to cost on top of what it was admitted for.

        The headers of the answer, if less is left now than `admit` said; else none.
        """
        decision = self._limiter.charge(record.target, record.caller, cost)
        left = record.ratelimit_remaining
        if decision is None or (left is not None and left <= decision.remaining):
            return _NO_HEADERS
        return _told(record, decision)


def _told(record: RequestRecord, decision: Decision) -> dict[str, str]:
    """The headers of a decision, noted in the record too."""
    record.ratelimit_remaining = decision.remaining
    record.ratelimit_reset = decision.reset
    record.retry_after = decision.retry_after
    return rate_limit_headers(decision)


def refusal_text(decision: Decision) -> str:
    """One line, since SDKs echo it on one: what was exceeded, by whom, and until when."""
    resets = f"resets in {decision.reset}s"
    if (decision.scope, decision.limit) == FREEZE:
        return f"rate limit exceeded: the server is frozen, {resets}"
    what = f"{decision.allowance} {decision.limit} for {decision.scope} {decision.key}"
    return f"rate limit exceeded: {what}, {resets}"
