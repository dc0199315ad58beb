"""The figures of an account by name: what thresholds compare and reports list.

A figure is registered here once; thresholds, `report.json` and error messages follow.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mockwb.account import Verdict
from mockwb.client_account import Behaviour
from mockwb.scenario.tally import Tallies, Tally, Volume
from mockwb.target import FROZEN, LIMITED, Surface
from mockwb.units import format_duration, format_size

Unit = Literal["count", "seconds", "bytes", "share"]

REFUSED = "429"
RUN_STATES = ("running", "finished", "crashed", "failed", "preempting", "preempted", "killed")
SCOPED_LIMITS = (*LIMITED, FROZEN)
"""What can refuse a request, as the server's account names it."""

DELIVERIES: dict[str, Verdict] = {
    "complete": "complete",
    "suppressed": "complete with duplicates suppressed",
    "incomplete": "incomplete",
    "in_flight": "in flight",
}
"""Last part of a figure's name -> the server's verdict on what a run sent."""

Course = Literal["rises", "falls", "varies"]
"""What a figure that the server tells may do while a scenario goes on."""

ALIASES = {"finish_delay": "finish_seconds"}
"""Other names that figures may begin with."""

_ENDPOINTS = tuple(surface.value for surface in Surface if surface is not Surface.CONTROL)
_BY_STATUS = re.compile(rf"requests\.({'|'.join(_ENDPOINTS)})\.([1-5]\d\d)")
_HTTP_STATUS = r"\.([1-5])(\d\d|xx)\."
_HTTP = re.compile(rf"http{_HTTP_STATUS}(count|rate)")
_AT_THE_END = re.compile(
    r"(clients|content|finish_seconds|pages)\..*|requests\.network_errors"
    r"|(rows|values)\.(sent|missing|duplicated)"
)
"""What clients tell when they are done."""
_RISES = re.compile(
    r"http\..*\.count|requests\.(.*\.)?(total|refused|errors|while_remaining_zero|\d+)"
    r"|refused\..*|bytes\..*|(rows|values)\..*|.*\.(max|most)|throttled_seconds\.total"
    r"|(premature_)?retries|guidance\.violations|runs\.total"
)
_FALLS = re.compile(r"remaining\.lowest|retry_wait\.shortest(_share)?")


@dataclass(frozen=True)
class Figure:
    """One number of an account."""

    unit: Unit
    read: Callable[[Tally], float | None]
    """None when there is nothing to measure, such as a finish time when no client finished."""
    unknown: Callable[[Tallies], str | None] = lambda _: None
    """Why it is not known, where nobody looked for it; thresholds on it are skipped then."""


def quantile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that at least `share` (0..1) of all do not exceed; None of none."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def find(name: str) -> Figure | None:
    """The figure called `name`; None if there is none."""
    known = FIGURES.get(canonical(name))
    if known is not None:
        return known
    match = _BY_STATUS.fullmatch(name)
    if match is not None:
        endpoint, status = match.groups()
        return Figure("count", lambda tally: tally.answered(endpoint, status))
    return _of_status(name)


def patterns() -> dict[Unit, str]:
    """What the names of all figures look like, by unit: regexes for editors."""
    by_unit: dict[Unit, list[str]] = {"count": [_BY_STATUS.pattern]}
    by_unit["share"] = [f"http{_HTTP_STATUS}rate"]
    by_unit["count"].append(f"http{_HTTP_STATUS}count")
    for name, figure in FIGURES.items():
        first, dot, rest = name.partition(".")
        names = [first, *(alias for alias, meant in ALIASES.items() if meant == first)]
        by_unit.setdefault(figure.unit, []).extend(re.escape(n + dot + rest) for n in names)
    return {unit: f"({'|'.join(names)})" for unit, names in by_unit.items()}


def canonical(name: str) -> str:
    """The name that reports give to the figure called `name`."""
    first, dot, rest = name.partition(".")
    return ALIASES.get(first, first) + dot + rest


def course(name: str) -> Course | None:
    """What the figure called `name` may do meanwhile; None if it is known only at the end."""
    name = canonical(name)
    if _AT_THE_END.fullmatch(name):
        return None
    if _RISES.fullmatch(name):
        return "rises"
    return "falls" if _FALLS.fullmatch(name) else "varies"


def in_words(measured: float | None, unit: Unit) -> str:
    """A figure's value for people, such as `12.5s`, `3.2MB`, `4.1%` or `2,040`."""
    if measured is None:
        return "nothing"
    if unit == "seconds":
        return format_duration(round(measured, 2))
    if unit == "bytes":
        return format_size(measured)
    return f"{measured:.1%}" if unit == "share" else f"{measured:,.15g}"


def read_all(tally: Tally) -> dict[str, float | None]:
    """All registered figures, and the requests by each endpoint and status that occurred."""
    figures = {name: figure.read(tally) for name, figure in FIGURES.items()}
    for endpoint, statuses in sorted(tally.requests.items()):
        for status, count in sorted(statuses.items()):
            figures[f"requests.{endpoint}.{status}"] = count
    return figures


def _of_status(name: str) -> Figure | None:
    """`http.429.count`, or a whole class as `http.5xx.rate`: the share of all requests."""
    match = _HTTP.fullmatch(name)
    if match is None:
        return None
    first, rest, form = match.groups()

    def count(tally: Tally) -> int:
        if rest != "xx":
            return tally.answered(None, first + rest)
        statuses = {code for by_status in tally.requests.values() for code in by_status}
        return sum(tally.answered(None, code) for code in statuses if code.startswith(first))

    if form == "count":
        return Figure("count", count)
    return Figure("share", lambda tally: _share(count(tally), tally.answered()))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _volume(name: str, pick: Callable[[Tally], Volume]) -> dict[str, Figure]:
    return {
        f"{name}.sent": Figure("count", lambda t: pick(t).sent),
        f"{name}.stored": Figure("count", lambda t: pick(t).stored),
        f"{name}.missing": Figure("count", lambda t: pick(t).missing),
        f"{name}.duplicated": Figure("count", lambda t: pick(t).duplicated),
    }


def _times(name: str, pick: Callable[[Tally], Sequence[float]]) -> dict[str, Figure]:
    return {
        f"{name}.p50": Figure("seconds", lambda t: quantile(pick(t), 0.5)),
        f"{name}.p95": Figure("seconds", lambda t: quantile(pick(t), 0.95)),
        f"{name}.max": Figure("seconds", lambda t: quantile(pick(t), 1)),
    }


def _answers(name: str, endpoint: str | None) -> dict[str, Figure]:
    return {
        f"{name}.total": Figure("count", lambda t: t.answered(endpoint)),
        f"{name}.refused": Figure("count", lambda t: t.answered(endpoint, REFUSED)),
        f"{name}.refused_share": Figure(
            "share", lambda t: _share(t.answered(endpoint, REFUSED), t.answered(endpoint))
        ),
    }


def _state(state: str) -> Figure:
    return Figure("count", lambda t: t.run_states.get(state, 0))


def _runs(tally: Tally) -> float:
    return sum(count for state, count in tally.run_states.items() if state != "unknown")


def _deliveries(verdict: Verdict) -> Figure:
    return Figure("count", lambda t: t.deliveries.get(verdict, 0))


def _refusals(limit: str) -> Figure:
    return Figure("count", lambda t: t.refused.get(limit, 0))


def _behaved(unit: Unit, pick: Callable[[Behaviour], float | None]) -> Figure:
    return Figure(unit, lambda t: None if t.behaviour is None else pick(t.behaviour))


def _shortest_share(behaviour: Behaviour) -> float | None:
    wait = behaviour.least_patient
    return None if wait is None else wait.share


def _errors(tally: Tally) -> float:
    """Answers that neither fulfilled nor throttled the request."""
    return sum(
        count
        for statuses in tally.requests.values()
        for status, count in statuses.items()
        if status >= "400" and status != REFUSED
    )


def _unwatched(tallies: Tallies) -> str | None:
    return None if tallies.watched else "nothing, as simulations of so many rows do not watch it"


def _uncompared(tallies: Tallies) -> str | None:
    return None if tallies.compared else "nothing, as simulations count rows and store none"


FIGURES: dict[str, Figure] = {
    "clients.total": Figure("count", lambda t: t.clients),
    "clients.failed": Figure("count", lambda t: t.clients_failed),
    **{f"runs.{state}": _state(state) for state in RUN_STATES},
    "runs.total": Figure("count", _runs),
    **_volume("rows", lambda t: t.rows),
    "rows.resent": Figure("count", lambda t: t.rows_resent),
    "rows.changed": Figure("count", lambda t: t.rows_changed),
    **_volume("values", lambda t: t.values),
    "pages.read": Figure("count", lambda t: t.pages),
    **_answers("requests", None),
    "requests.errors": Figure("count", _errors),
    "requests.network_errors": Figure("count", lambda t: t.network_errors),
    "requests.while_remaining_zero": _behaved("count", lambda b: b.requests_while_remaining_zero),
    **{
        name: figure
        for endpoint in _ENDPOINTS
        for name, figure in _answers(f"requests.{endpoint}", endpoint).items()
    },
    **{f"refused.{limit}": _refusals(limit) for limit in SCOPED_LIMITS},
    "bytes.received": Figure("bytes", lambda t: t.bytes_in),
    "bytes.refused": Figure("bytes", lambda t: t.bytes_refused),
    "bytes.resent": _behaved("bytes", lambda b: b.bytes_resent),
    "bytes.wasted": Figure("bytes", lambda t: t.bytes_wasted),
    **{f"delivery.{name}": _deliveries(verdict) for name, verdict in DELIVERIES.items()},
    "delivery_lag.p50": Figure("seconds", lambda t: quantile([lag.p50 for lag in t.lags], 0.5)),
    "delivery_lag.p95": Figure("seconds", lambda t: quantile([lag.p95 for lag in t.lags], 1)),
    "delivery_lag.max": Figure("seconds", lambda t: quantile([lag.max for lag in t.lags], 1)),
    "content.compared": Figure("count", lambda t: t.content_compared, _uncompared),
    "content.different": Figure("count", lambda t: t.content_different, _uncompared),
    "guidance.violations": Figure("count", lambda t: t.guidance, _unwatched),
    "retries": _behaved("count", lambda b: b.retries),
    "premature_retries": _behaved("count", lambda b: b.premature_retries),
    "retry_wait.shortest": _behaved("seconds", lambda b: b.shortest_wait),
    "retry_wait.median": _behaved("seconds", lambda b: b.median_wait),
    "retry_wait.shortest_share": _behaved("share", _shortest_share),
    "attempts.most": _behaved("count", lambda b: b.most_attempts),
    "gaps.lines": Figure("count", lambda t: t.gap_lines),
    "throttled_seconds.total": Figure("seconds", lambda t: sum(t.throttled_seconds)),
    **_times("throttled_seconds", lambda t: t.throttled_seconds),
    "files.sent": Figure("count", lambda t: t.files),
    "files.failed": Figure("count", lambda t: t.files_failed),
    "bytes.uploaded": Figure("bytes", lambda t: t.file_bytes),
    **_times("upload_seconds", lambda t: t.upload_seconds),
    **_times("finish_seconds", lambda t: t.finish_seconds),
    "remaining.lowest": Figure("count", lambda t: t.lowest_remaining),
}
