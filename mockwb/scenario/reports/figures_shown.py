"""Which figures a reader sees first, and how they are written."""

from collections.abc import Iterable

from mockwb.scenario.figures import find, in_words
from mockwb.scenario.reports.document import Report

MAIN = {
    "rows.sent": "rows logged",
    "rows.stored": "rows stored",
    "rows.missing": "rows missing",
    "rows.duplicated": "rows duplicated",
    "delivery.complete": "runs complete",
    "delivery.suppressed": "runs complete, duplicates suppressed",
    "delivery.incomplete": "runs incomplete",
    "delivery.in_flight": "runs in flight",
    "content.compared": "runs compared row by row",
    "content.different": "runs not as logged",
    "delivery_lag.p50": "rows late by, median run",
    "delivery_lag.p95": "rows late by, p95 of the worst run",
    "delivery_lag.max": "rows late by, worst row",
    "guidance.violations": "guidance left, places",
    "clients.total": "clients",
    "clients.failed": "clients failed",
    "requests.total": "requests",
    "requests.refused": "answered 429",
    "requests.refused_share": "share answered 429",
    "requests.errors": "other errors",
    "retries": "retries",
    "premature_retries": "premature retries",
    "bytes.received": "bytes received",
    "bytes.wasted": "bytes sent in vain",
    "files.sent": "files saved",
    "files.failed": "files that never got through",
    "bytes.uploaded": "bytes of files uploaded",
    "upload_seconds.p50": "save() to end of upload, median",
    "upload_seconds.p95": "save() to end of upload, p95",
    "throttled_seconds.p50": "held back, median run",
    "throttled_seconds.max": "held back, worst run",
    "finish_seconds.p50": "finish(), median",
    "finish_seconds.p95": "finish(), p95",
    "finish_seconds.max": "finish(), worst",
    "remaining.lowest": "lowest RateLimit-Remaining of 1000",
}
"""Figure -> what it is called."""


_IN_ANY_CASE = frozenset(
    (
        "rows.sent",
        "rows.stored",
        "rows.missing",
        "rows.duplicated",
        "clients.total",
        "clients.failed",
        "requests.total",
        "requests.refused_share",
        "remaining.lowest",
    )
)
"""Figures that say something by being 0, too."""


def worth_showing(name: str, values: Iterable[float | None]) -> bool:
    """Whether a figure says something, with one value for each workload and the total."""
    known = [value for value in values if value is not None]
    return any(known) or (name in _IN_ANY_CASE and bool(known))


def written(name: str, value: float | None) -> str:
    """A figure's value for people; `-` if there is none."""
    figure = find(name)
    if value is None:
        return "-"
    return in_words(value, "count" if figure is None else figure.unit)


_FAILED = {"aborted": "Ended early", "broken": "Server failed"}
"""How a run that is no success is called, by its ending."""


def headline(report: Report) -> str:
    """How the thresholds came out, in a few words."""
    judged = [outcome for outcome in report.thresholds if not outcome.skipped]
    held, every = sum(outcome.holds for outcome in judged), len(judged)
    if report.ending == "interrupted":
        return f"Interrupted: {held} of {every} thresholds hold so far"
    failed = _FAILED.get(report.ending, "Failed")
    if held < every:
        return f"{failed}: {every - held} of {every} thresholds {_does_not(every - held)}"
    if report.exit_code:
        return failed
    return f"Passed: {'all ' if every > 1 else ''}{every} threshold{_hold(every)}"


def _does_not(failed: int) -> str:
    return "does not hold" if failed == 1 else "do not hold"


def _hold(count: int) -> str:
    return " holds" if count == 1 else "s hold"
