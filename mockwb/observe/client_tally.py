"""What is counted about one client on one endpoint: which requests repeat a failed one, and when.

What repeats what: on file_stream the client's next request, on GraphQL the same body, on storage
the same method and path. Where many processes send the same body, as logins or as scripts that read
one run with `wandb.Api`, it has to come over the same connection. Used by `clients`, once per
request.
"""

from collections.abc import Hashable

import msgspec

from mockwb.client_account import Behaviour
from mockwb.observe.client_waits import ClientWaits
from mockwb.record import RequestRecord
from mockwb.target import Surface

_READER = "W&B Public Client"
"""How the user agent of `wandb.Api` begins."""
LEEWAY = 0.01
"""Seconds that a wait may fall short: timers of clients are good to milliseconds, not to less."""
_MOST_FAILED = 64
"""Requests with failed attempts that one client can have waiting; the oldest are forgotten."""
_NEVER_YET = float("inf")


class _Failure(msgspec.Struct, frozen=True):
    """An attempt that failed and has not been repeated yet."""

    due_at: float
    """When a repetition is welcome; of the answer itself if it advised nothing."""
    answered_at: float
    advised: float | None
    attempt: int
    """Which one it was, from 1."""


class ClientTally:
    """One client on one endpoint; times are monotonic seconds."""

    __slots__ = (
        "_failed",
        "_waits",
        "_zero_since",
        "_zero_until",
        "bytes_resent",
        "heard_of",
        "most_attempts",
        "premature_retries",
        "refused",
        "requests",
        "retries",
        "while_zero",
    )

    def __init__(self) -> None:
        self.requests = self.refused = self.retries = self.premature_retries = 0
        self.while_zero = self.bytes_resent = self.most_attempts = 0
        self.heard_of = False
        """Whether the client was heard of since somebody last looked; for `client_keeper`."""
        self._zero_since = self._zero_until = _NEVER_YET
        self._failed: dict[Hashable, list[_Failure]] | None = None
        self._waits: ClientWaits | None = None

    def add(self, record: RequestRecord) -> bool:
        """Count one request; whether it repeats a failed one before its time."""
        self.requests += 1
        if self._zero_since <= record.started_at < self._zero_until:
            self.while_zero += 1
        remaining = record.ratelimit_remaining
        if remaining is not None:
            if remaining:
                self._zero_since = _NEVER_YET
            else:
                self._note_zero(record)
        attempt, premature = 1, False
        if self._failed:
            failure = self._repeated(record)
            if failure is not None:
                attempt = failure.attempt + 1
                premature = self._retried(record, failure)
        status = record.status
        if status != 200 and (status == 429 or status >= 500 or status in (0, 408)):
            self._note_failure(record, attempt)
        return premature

    def behaviour(self) -> Behaviour:
        """What the client has done so far."""
        waits = self._waits or ClientWaits()
        return Behaviour(
            requests=self.requests,
            refused=self.refused,
            retries=self.retries,
            premature_retries=self.premature_retries,
            requests_while_remaining_zero=self.while_zero,
            bytes_resent=self.bytes_resent,
            most_attempts=self.most_attempts,
            shortest_wait=waits.shortest,
            median_wait=waits.median(),
            least_patient=waits.least_patient,
            median_advised=waits.median_advised(),
            backoff=waits.backoff(),
        )

    def _note_zero(self, record: RequestRecord) -> None:
        self._zero_since = record.started_at + record.duration
        self._zero_until = self._zero_since + (record.ratelimit_reset or 0) - LEEWAY

    def _repeated(self, record: RequestRecord) -> _Failure | None:
        """The failure that `record` repeats, forgotten here; None if it repeats none.

        Of several that could be meant it is the one due first: then clients that look alike and
        all wait as told are never blamed for each other.
        """
        assert self._failed is not None
        key = _identity(record)
        failures = self._failed.get(key, ())
        sent_after = [one for one in failures if one.answered_at <= record.started_at]
        if not sent_after:
            return None
        first = min(sent_after, key=lambda one: one.due_at)
        rest = [one for one in failures if one is not first]
        if rest:
            self._failed[key] = rest
        else:
            del self._failed[key]
        return first

    def _retried(self, record: RequestRecord, failure: _Failure) -> bool:
        waited = record.started_at - failure.answered_at
        self.retries += 1
        self.bytes_resent += record.bytes_in
        self.most_attempts = max(self.most_attempts, failure.attempt + 1)
        if self._waits is None:
            self._waits = ClientWaits()
        self._waits.add(failure.attempt, waited, failure.advised)
        premature = record.started_at < failure.due_at - LEEWAY
        self.premature_retries += premature
        return premature

    def _note_failure(self, record: RequestRecord, attempt: int) -> None:
        advised: float | None = record.retry_after
        if record.status == 429:
            self.refused += 1
            if advised is None:
                advised = record.ratelimit_reset
        answered_at = record.started_at + record.duration
        failure = _Failure(answered_at + (advised or 0), answered_at, advised or None, attempt)
        if self._failed is None:
            self._failed = {}
        self._failed.setdefault(_identity(record), []).append(failure)
        if sum(map(len, self._failed.values())) > _MOST_FAILED:
            del self._failed[next(iter(self._failed))]


def _identity(record: RequestRecord) -> Hashable:
    """Equal for two requests of one client of which the later can be a repetition of the other."""
    surface = record.target.surface
    if surface is Surface.GRAPHQL:
        alone = record.target.run and not record.user_agent.startswith(_READER)
        return (record.fingerprint, None if alone else record.connection)
    if surface is Surface.STORAGE:
        return (record.method, record.path)
    return None
