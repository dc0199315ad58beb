"""The account as a table for people: one column per workload and one for the total."""

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.table import Table

from mockwb.client_account import Behaviour
from mockwb.scenario.figures import DELIVERIES, FIGURES, REFUSED, quantile
from mockwb.scenario.tally import Tallies, Tally, Volume
from mockwb.units import format_duration, format_size

Cell = Callable[[Tally], str]

_STEPS_SHOWN = 4


def print_account(tallies: Tallies, console: Console) -> None:
    """Print the table; a workload per column, sections apart."""
    columns = list(tallies.workloads.values())
    if len(columns) > 1 or tallies.total.answered() != columns[0].answered():
        columns.append(tallies.total)
    table = Table(title="Account", title_justify="left")
    table.add_column("", no_wrap=True)
    for name in [*tallies.workloads, "total"][: len(columns)]:
        table.add_column(name, justify="right", overflow="fold")
    for section in _sections(tallies.total):
        for label, cell in section:
            table.add_row(label, *(cell(column) for column in columns))
        table.add_section()
    console.print(table)


def _sections(total: Tally) -> Iterator[list[tuple[str, Cell]]]:
    yield _client_lines(total)
    yield [*_volume_lines("rows", lambda t: t.rows), *_repeat_lines()]
    yield _volume_lines("values", lambda t: t.values)
    yield _delivery_lines(total)
    if total.files:
        yield _file_lines()
    yield _request_lines(total)
    yield _refusal_lines(total)
    yield _behaviour_lines(total)
    yield _time_lines()


def _client_lines(total: Tally) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [
        ("clients", lambda t: _count(t.clients)),
        ("  failed", lambda t: _count(t.clients_failed)),
    ]
    lines.extend((f"runs {state}", _state(state)) for state in sorted(total.run_states))
    if total.pages:
        lines.append(("pages read", lambda t: _count(t.pages)))
    return lines


def _volume_lines(name: str, pick: Callable[[Tally], Volume]) -> list[tuple[str, Cell]]:
    return [
        (f"{name} logged", lambda t: _count(pick(t).sent)),
        ("  stored", lambda t: _count(pick(t).stored)),
        ("  missing", lambda t: _count(pick(t).missing)),
        ("  duplicated", lambda t: _count(pick(t).duplicated)),
    ]


def _repeat_lines() -> list[tuple[str, Cell]]:
    return [
        ("  changed", lambda t: _count(t.rows_changed)),
        ("  sent again, stored once", lambda t: _count(t.rows_resent)),
        ("lines still missing in gaps", lambda t: _count(t.gap_lines)),
    ]


def _delivery_lines(total: Tally) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [
        (f"runs {verdict}", _deliveries(verdict))
        for verdict in DELIVERIES.values()
        if verdict in total.deliveries
    ]
    if total.content_compared:
        lines += [
            ("runs compared row by row", lambda t: _count(t.content_compared)),
            ("  not as logged", lambda t: _count(t.content_different)),
        ]
    if total.lags:
        lines += [
            ("rows late by, median run", lambda t: _seconds(_figure(t, "delivery_lag.p50"))),
            ("  p95 of the worst run", lambda t: _seconds(_figure(t, "delivery_lag.p95"))),
            ("  max", lambda t: _seconds(_figure(t, "delivery_lag.max"))),
        ]
    return [
        *lines,
        ("bytes sent in vain", lambda t: format_size(t.bytes_wasted)),
        ("guidance left", lambda t: "-" if t.guidance is None else _count(t.guidance)),
    ]


def _request_lines(total: Tally) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [("requests", lambda t: _count(t.answered()))]
    for endpoint, statuses in sorted(total.requests.items()):
        lines.extend(
            (f"  {endpoint} {status}", _answers(endpoint, status)) for status in sorted(statuses)
        )
    if total.network_errors:
        lines.append(("  without an answer", lambda t: _count(t.network_errors)))
    lines.append(("bytes received", lambda t: format_size(t.bytes_in)))
    lines.append(("  of refused requests", lambda t: format_size(t.bytes_refused)))
    return lines


def _file_lines() -> list[tuple[str, Cell]]:
    return [
        ("files sent", lambda t: _count(t.files)),
        ("  failed", lambda t: _count(t.files_failed)),
        ("  bytes uploaded", lambda t: format_size(t.file_bytes)),
        ("save() to end of upload", lambda t: ""),
        ("  p50", lambda t: _seconds(quantile(t.upload_seconds, 0.5))),
        ("  p95", lambda t: _seconds(quantile(t.upload_seconds, 0.95))),
        ("  max", lambda t: _seconds(quantile(t.upload_seconds, 1))),
    ]


def _refusal_lines(total: Tally) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [("answered 429", lambda t: _count(t.answered(None, REFUSED)))]
    lines.extend((f"  by {limit}", _refusals(limit)) for limit in sorted(total.refused))
    lines.append(("lowest RateLimit-Remaining", _lowest))
    return lines


def _behaviour_lines(total: Tally) -> list[tuple[str, Cell]]:
    lines: list[tuple[str, Cell]] = [
        ("retries", _behaved(lambda b: _count(b.retries))),
        ("  premature", _behaved(lambda b: _count(b.premature_retries))),
    ]
    if total.behaviour is not None and total.behaviour.retries:
        lines += [
            ("  shortest wait / advised", _behaved(_shortest)),
            ("  median wait / advised", _behaved(_median)),
            ("  median waits by attempt", _behaved(_backoff)),
            ("  most attempts at one", _behaved(lambda b: _count(b.most_attempts))),
            ("  bytes sent again", _behaved(lambda b: format_size(b.bytes_resent))),
        ]
    zero = _behaved(lambda b: _count(b.requests_while_remaining_zero))
    return [*lines, ("requests while Remaining 0", zero)]


def _behaved(pick: Callable[[Behaviour], str]) -> Cell:
    return lambda t: "-" if t.behaviour is None else pick(t.behaviour)


def _time_lines() -> list[tuple[str, Cell]]:
    return [
        ("held back, all runs", lambda t: _seconds(sum(t.throttled_seconds))),
        ("  worst run", lambda t: _seconds(quantile(t.throttled_seconds, 1))),
        ("last log() to end of finish()", lambda t: ""),
        ("  p50", lambda t: _seconds(quantile(t.finish_seconds, 0.5))),
        ("  p95", lambda t: _seconds(quantile(t.finish_seconds, 0.95))),
        ("  max", lambda t: _seconds(quantile(t.finish_seconds, 1))),
    ]


def _deliveries(verdict: str) -> Cell:
    return lambda t: _count(t.deliveries.get(verdict, 0))


def _state(state: str) -> Cell:
    return lambda t: _count(t.run_states.get(state, 0))


def _answers(endpoint: str, status: str) -> Cell:
    return lambda t: _count(t.answered(endpoint, status))


def _refusals(limit: str) -> Cell:
    return lambda t: _count(t.refused.get(limit, 0))


def _lowest(tally: Tally) -> str:
    return "-" if tally.lowest_remaining is None else f"{tally.lowest_remaining} of 1000"


def _shortest(behaviour: Behaviour) -> str:
    if behaviour.least_patient is None:
        return _seconds(behaviour.shortest_wait)
    wait = behaviour.least_patient
    return f"{_seconds(wait.waited)} / {_seconds(wait.advised)}"


def _median(behaviour: Behaviour) -> str:
    if behaviour.median_advised is None:
        return _seconds(behaviour.median_wait)
    return f"{_seconds(behaviour.median_wait)} / {_seconds(behaviour.median_advised)}"


def _backoff(behaviour: Behaviour) -> str:
    steps = [_seconds(step.median_wait) for step in behaviour.backoff]
    return " ".join(steps[:_STEPS_SHOWN]) + " ..." * (len(steps) > _STEPS_SHOWN) or "-"


def _figure(tally: Tally, name: str) -> float | None:
    return FIGURES[name].read(tally)


def _count(number: int) -> str:
    return f"{number:,}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else format_duration(round(seconds, 1))
