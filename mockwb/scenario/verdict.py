"""One line that a person can act on, worked out from the figures of an account."""

from mockwb.scenario.figures import REFUSED, quantile
from mockwb.scenario.kinds.replay import ReplayWorkload
from mockwb.scenario.limit_advice import advice, hardest_hit, limit_text, refused_share
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tallies, Tally
from mockwb.target import LIMITED, Surface
from mockwb.units import format_duration

_FAILS = (Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE)
"""Where errors are told: telemetry is refused as a matter of course."""
_LATE = 2 * LoggingWorkload.default_interval
"""Seconds that rows may take without anything being wrong."""
_NOTABLE = 1.0
"""Seconds of finish() that nobody needs to hear of."""


def verdict(scenario: Scenario, run: Run, tallies: Tallies) -> str:
    """What was delivered, what the limits did to it, and what to change."""
    total = tallies.total
    parts = [
        *_ending(scenario, run),
        _delivery(run, total),
        *_failures(total),
        *_errors(scenario, total),
    ]
    parts.extend(_too_large(total))
    parts.extend(_limits(scenario, run, tallies))
    parts.extend(_guidance(run))
    return "; ".join(parts)


def _ending(scenario: Scenario, run: Run) -> list[str]:
    if run.ending == "timeout":
        return [f"gave up after {scenario.timeout}"]
    if run.aborted_by is not None:
        return [f"ended after {_seconds(run.seconds)}, as {run.aborted_by} failed"]
    ending = ["interrupted"] if run.ending == "interrupted" else []
    return [*ending, run.broken_by] if run.broken_by is not None else ending


def _delivery(run: Run, total: Tally) -> str:
    rows = total.rows
    if not rows.sent:
        return "no row was logged"
    if rows.missing and run.behaved is None:
        return f"{rows.missing:,} of {rows.sent:,} rows are not known to be stored"
    if rows.missing:
        return f"{rows.missing:,} of {rows.sent:,} rows are missing"
    if total.content_different:
        return (
            f"{total.content_different:,} of {total.content_compared:,} runs that were compared "
            "row by row are not stored as they were logged"
        )
    if rows.duplicated or total.rows_changed:
        twice = rows.duplicated + total.rows_changed
        return f"all {rows.sent:,} rows delivered, but {twice:,} more than once or changed"
    return f"all {rows.sent:,} rows delivered"


def _failures(total: Tally) -> list[str]:
    if not total.clients_failed:
        return []
    reason = f" (first: {total.errors[0]})" if total.errors else ""
    return [f"{total.clients_failed:,} of {total.clients:,} clients failed{reason}"]


def _errors(scenario: Scenario, total: Tally) -> list[str]:
    """What the server, the network or a fault made of requests, limits aside."""
    failed: dict[str, int] = {}
    for surface in _FAILS:
        for status, count in total.requests.get(surface.value, {}).items():
            if status >= "400" and status not in (REFUSED, "413"):
                failed[status] = failed.get(status, 0) + count
    by_status = ", ".join(f"{count:,} with {status}" for status, count in sorted(failed.items()))
    parts = [f"requests failed: {by_status}"] if failed else []
    if total.network_errors:
        parts.append(f"requests without an answer: {total.network_errors:,}")
    late = max((lag.max for lag in total.lags), default=0.0)
    past = any(isinstance(workload, ReplayWorkload) for workload in scenario.workloads)
    if parts and late > _LATE and not past:
        parts.append(f"rows came up to {_seconds(late)} late")
    return parts


def _limits(scenario: Scenario, run: Run, tallies: Tallies) -> list[str]:
    """What was refused, and the advice against it."""
    case = hardest_hit(scenario, tallies, run.windows)
    if case is None:
        return [] if _too_large(tallies.total) else [_headroom(tallies.total)]
    text = f"{limit_text(case)} refused {refused_share(case)}"
    text += _effect(case.name, tallies.total)
    advised = advice(case)
    return [f"{text}: {advised}" if advised else text]


def _too_large(total: Tally) -> list[str]:
    count = total.answered(Surface.FILE_STREAM.value, "413")
    if not count:
        return []
    return [
        f"file_stream requests larger than the server takes (answered 413): {count:,}; raise the "
        "limit, or shorten the transmit interval, so that single requests are smaller"
    ]


def _headroom(total: Tally) -> str:
    finish = quantile(total.finish_seconds, 1) or 0.0
    took = f", and finish() took up to {_seconds(finish)}" if finish > _NOTABLE else ""
    if total.lowest_remaining is None:
        return f"no limit applied{took}"
    used = 1 - total.lowest_remaining / 1000
    return f"nothing was refused: at most {used:.0%} of the tightest limit was in use{took}"


def _guidance(run: Run) -> list[str]:
    """Which of W&B's recommendations were not kept to."""
    left = sorted({finding.range for finding in run.guidance or ()})
    return [f"beyond W&B's guidance on {', '.join(left)}"] if left else []


def _effect(limit: str, total: Tally) -> str:
    """What it cost in time; runs are held back by refusals on file_stream alone."""
    effects = []
    if LIMITED.get(limit, Surface.FILE_STREAM) is Surface.FILE_STREAM:
        waited = quantile(total.throttled_seconds, 1) or 0.0
        effects.append(f"held single runs back for up to {_seconds(waited)}")
    finish = quantile(total.finish_seconds, 1)
    if finish is not None and limit != "project.run_creations" and (effects or finish > _NOTABLE):
        let = "let finish() take" if effects else "finish() took"
        effects.append(f"{let} up to {_seconds(finish)}")
    return ", " + " and ".join(effects) if effects else ""


def _seconds(seconds: float) -> str:
    return format_duration(round(seconds, 1) if seconds < 10 else round(seconds))
