"""What the server's log says about requests: each at debug, what deserves notice above it."""

import logging

from mockwb.clock import Clock
from mockwb.observe.refusals import Refusals
from mockwb.record import Ingested, RequestRecord
from mockwb.target import Surface, Target

_log = logging.getLogger(__name__)

_ROUTINE_ERRORS = frozenset({Surface.HEALTH, Surface.TELEMETRY})
"""Surfaces whose error answers are everyday: a readiness probe during the start, and the SDK's
telemetry probe, which wants a 404 from every run (wandb-core, OTLP proxy)."""


class RequestLog:
    """An onlooker that writes log lines. A refusal is not written but summed up."""

    def __init__(self, clock: Clock, summary_every: float) -> None:
        """Sum refusals up every `summary_every` seconds while `summarise` runs."""
        self._clock = clock
        self._summary_every = summary_every
        self._refusals = Refusals()

    def saw(self, record: RequestRecord) -> None:
        """Write what is worth a line about one finished request."""
        if _log.isEnabledFor(logging.DEBUG):
            _write(logging.DEBUG, "request", _described(record))
        if record.ingested is not None and record.ingested.gaps:
            _warn_of_gaps(record.target, record.ingested)
        if record.status == 429:
            refused_by = record.refused_by
            limit = f"{refused_by.scope}.{refused_by.limit}" if refused_by else "unnamed"
            self._refusals.add(record.target.project_path, limit)
        elif record.status >= 400 and record.target.surface not in _ROUTINE_ERRORS:
            level = logging.WARNING if record.status >= 500 else logging.INFO
            _write(level, "request failed", _described(record))

    async def summarise(self) -> None:
        """Sum refusals up for as long as the server runs; cancel it, then `flush`."""
        while True:
            await self._clock.sleep(self._summary_every)
            self.flush()

    def flush(self) -> None:
        """Write one line per project that was refused something since the last summary."""
        for project, by_limit in self._refusals.take().items():
            fields = {"project": project, "refused": sum(by_limit.values()), **by_limit}
            _write(logging.WARNING, "rate limit exceeded", fields)


def _warn_of_gaps(target: Target, ingested: Ingested) -> None:
    run = f"{target.entity}/{target.project}/{target.run}"
    for file, first, end in ingested.gaps:
        fields = {"run": run, "file": file, "first_missing": first, "missing": end - first}
        _write(logging.WARNING, "lines missing", fields)


def _described(record: RequestRecord) -> dict[str, object]:
    """The fields of a line about `record`; what is not known is left out."""
    target = record.target
    fields: dict[str, object | None] = {
        "endpoint": target.surface.value,
        "method": record.method,
        # Query strings carry the tokens of upload and download addresses.
        "path": record.path.partition("?")[0],
        "status": record.status,
        "duration_seconds": round(record.duration, 6),
        "bytes_in": record.bytes_in,
        "bytes_out": record.bytes_out,
        "operation": target.operation,
        "project": target.project_path,
        "run": target.run,
        "user": record.caller.user,
        "ratelimit_remaining": record.ratelimit_remaining,
        "fault": record.fault,
        "error": record.error,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _write(level: int, event: str, fields: dict[str, object]) -> None:
    _log.log(level, event, extra={"fields": fields})
