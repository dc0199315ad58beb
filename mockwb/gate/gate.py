"""The gate: every request of W&B's surfaces passes it once, or is answered by it."""

from mockwb.gate.authentication import Authenticator, UnauthorizedError
from mockwb.gate.headers import rate_limit_headers
from mockwb.limits.limiter import Limiter
from mockwb.record import RefusedBy, RequestRecord
from mockwb.target import Caller, Cost
from mockwb.units import format_size

_NO_HEADERS: dict[str, str] = {}


class RefusedError(Exception):
    """The gate's own answer to a request; the message is short, since SDKs echo it in one line."""

    def __init__(self, status: int, message: str, headers: dict[str, str] = _NO_HEADERS) -> None:
        """Answer with `status`, `headers` and `message` in the body."""
        super().__init__(message)
        self.status = status
        self.headers = headers


class Gate:
    """Authentication, then limits."""

    def __init__(self, authenticator: Authenticator, limiter: Limiter) -> None:
        """Ask `authenticator` who it is and `limiter` whether it may pass."""
        self._authenticator = authenticator
        self._limiter = limiter

    def identify(self, record: RequestRecord, authorization: str | None) -> str:
        """The user behind the request; RefusedError (401) without a good key."""
        try:
            user = self._authenticator.user(authorization)
        except UnauthorizedError as error:
            raise RefusedError(401, str(error)) from error
        record.caller = Caller(user, record.caller.ip)
        return user

    def admit(self, record: RequestRecord) -> dict[str, str]:
        """Charge the limits; the headers that the answer must carry.

        RefusedError if a limit refuses: 429, or 413 for what can never pass. The record needs
        its target, caller and `bytes_in` by now.
        """
        decision = self._limiter.admit(record.target, record.caller, Cost(1, record.bytes_in))
        if decision is None:
            return _NO_HEADERS
        record.ratelimit_remaining = decision.remaining
        headers = rate_limit_headers(decision)
        if decision.admitted:
            return headers
        subject = f"{decision.scope} {record.target.project_path}"
        if decision.too_large:
            size = format_size(record.bytes_in)
            limit = f"the {decision.limit} limit of {subject} ({decision.allowance})"
            raise RefusedError(413, f"request of {size} is larger than {limit}", headers)
        record.refused_by = RefusedBy(decision.scope, decision.limit)
        what = f"rate limit exceeded: {decision.allowance} {decision.limit} for {subject}"
        raise RefusedError(429, f"{what}, resets in {decision.reset}s", headers)
