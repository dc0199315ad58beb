"""What is counted about one run while its requests pass. Used by `account`."""

from collections.abc import Iterable, Mapping, Sequence

from mockwb.account import Delivery, RunAccount
from mockwb.observe.delivery_tally import DeliveryTally
from mockwb.record import Ingested, RequestRecord
from mockwb.target import Surface


class RunTally:
    """One run's requests, counted in plain fields; times are monotonic seconds."""

    __slots__ = (
        "bytes_in",
        "bytes_refused",
        "bytes_streamed",
        "delivery",
        "faults",
        "finished_at",
        "first_request_at",
        "last_request_at",
        "lowest_remaining",
        "operations",
        "refused",
        "requests",
        "rows_changed",
        "rows_resent",
        "rows_stored",
        "throttled_seconds",
        "throttled_since",
        "values_stored",
    )

    def __init__(self, started_at: float) -> None:
        """Begin with a first request at `started_at`."""
        self.first_request_at = self.last_request_at = started_at
        self.requests: dict[tuple[str, int], int] = {}
        self.operations: dict[str, int] | None = None
        self.refused: dict[tuple[str, str], int] | None = None
        self.faults: dict[str, int] | None = None
        self.bytes_in = self.bytes_refused = self.bytes_streamed = 0
        self.rows_stored = self.rows_resent = self.rows_changed = self.values_stored = 0
        self.throttled_seconds = 0.0
        self.throttled_since: float | None = None
        self.lowest_remaining: int | None = None
        self.finished_at: float | None = None
        self.delivery: DeliveryTally | None = None

    def add(self, record: RequestRecord) -> None:
        """Count one request of this run."""
        target, status = record.target, record.status
        key = (target.surface, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        self.bytes_in += record.bytes_in
        if record.started_at > self.last_request_at:
            self.last_request_at = record.started_at
        elif record.started_at < self.first_request_at:
            self.first_request_at = record.started_at
        if target.operation is not None:
            self._add_operation(target.operation)
        if target.surface is Surface.FILE_STREAM:
            self._add_pacing(record)
            if self.delivery is None:
                self.delivery = DeliveryTally()
            self.delivery.add(record)
        if record.refused_by is not None:
            self._add_refusal(record)
        if record.faults:
            self.faults = self.faults or {}
            add_faults(self.faults, record)
        if record.ingested is not None:
            self._add_ingested(record.ingested, record.started_at + record.duration)

    def _add_operation(self, operation: str) -> None:
        if self.operations is None:
            self.operations = {}
        self.operations[operation] = self.operations.get(operation, 0) + 1

    def _add_pacing(self, record: RequestRecord) -> None:
        """Note what the limits did to this run's file_stream, and when."""
        remaining, lowest = record.ratelimit_remaining, self.lowest_remaining
        if remaining is not None and (lowest is None or remaining < lowest):
            self.lowest_remaining = remaining
        if record.status == 429:
            if self.throttled_since is None:
                self.throttled_since = record.started_at + record.duration
        elif 200 <= record.status < 300:
            self.bytes_streamed += record.bytes_in
            if self.throttled_since is not None:
                self.throttled_seconds = self.throttled_until(record.started_at + record.duration)
                self.throttled_since = None

    def _add_refusal(self, record: RequestRecord) -> None:
        if self.refused is None:
            self.refused = {}
        assert record.refused_by is not None
        key = (record.refused_by.scope, record.refused_by.limit)
        self.refused[key] = self.refused.get(key, 0) + 1
        self.bytes_refused += record.bytes_in

    def _add_ingested(self, ingested: Ingested, answered_at: float) -> None:
        self.rows_stored += ingested.rows
        self.values_stored += ingested.values
        if ingested.rows_resent or ingested.rows_changed:
            self.rows_resent += ingested.rows_resent
            self.rows_changed += ingested.rows_changed
        if ingested.completed:
            self.finished_at = answered_at

    def throttled_until(self, now: float) -> float:
        """Seconds spent throttled so far, an episode that still lasts at `now` included."""
        if self.throttled_since is None:
            return self.throttled_seconds
        return self.throttled_seconds + max(0.0, now - self.throttled_since)

    def told_of_delivery(self, state: str, gaps: Iterable[tuple[str, int, int]]) -> Delivery:
        """What became of its lines; also of a run that streamed nothing."""
        return (self.delivery or DeliveryTally()).delivery(state, gaps, self.rows_stored)

    def account(
        self,
        path: tuple[str, str, str],
        *,
        host: str,
        state: str,
        gaps: Iterable[tuple[str, int, int]],
        guidance: Sequence[str] = (),
        now: float,
        to_wall: float,
    ) -> RunAccount:
        """The run at (entity, project, run) `path`, as others are told about it.

        `to_wall` is what to add to monotonic seconds to get seconds since the Unix epoch.
        """
        gaps = list(gaps)
        finished_at = None if self.finished_at is None else self.finished_at + to_wall
        return RunAccount(
            entity=path[0],
            project=path[1],
            run=path[2],
            host=host,
            state=state,
            requests=by_endpoint(self.requests),
            operations=dict(self.operations or {}),
            refused={".".join(key): count for key, count in (self.refused or {}).items()},
            faults=dict(self.faults or {}),
            bytes_in=self.bytes_in,
            bytes_refused=self.bytes_refused,
            bytes_streamed=self.bytes_streamed,
            rows_stored=self.rows_stored,
            rows_resent=self.rows_resent,
            rows_changed=self.rows_changed,
            values_stored=self.values_stored,
            gaps=gaps,
            delivery=self.told_of_delivery(state, gaps),
            guidance=list(guidance),
            throttled_seconds=self.throttled_until(now),
            waiting=self.throttled_since is not None,
            lowest_remaining=self.lowest_remaining,
            first_request_at=self.first_request_at + to_wall,
            last_request_at=self.last_request_at + to_wall,
            finished_at=finished_at,
        )


def add_faults(faults: dict[str, int], record: RequestRecord) -> None:
    """Count in `faults` (name -> requests) those that befell this one."""
    for fault in record.faults:
        faults[fault.name] = faults.get(fault.name, 0) + 1


def by_endpoint(requests: Mapping[tuple[str, int], int]) -> dict[str, dict[str, int]]:
    """(endpoint, status) -> requests, as the nested dict of an account: endpoint, then status."""
    nested: dict[str, dict[str, int]] = {}
    for (endpoint, status), count in requests.items():
        nested.setdefault(str(endpoint), {})[str(status)] = count
    return nested
