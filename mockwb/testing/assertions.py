"""What tests assert of runs, with messages that say which run, key and step, and what was found.

Tests call them as functions, or as methods of `MockServer` and of the `mockwb` fixture.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from mockwb.account import OVERWRITTEN, lines_named
from mockwb.backend.history_keys import lookup
from mockwb.guidance import Finding
from mockwb.testing.matching import described, matches
from mockwb.testing.requests import SeenRequest
from mockwb.testing.run import MockRun

_SHOWN = 12
"""Values, keys or losses that a message lists before it only counts the rest."""
_UNDER_WAY = ("pending", "running", "preempting")


class Witness(Protocol):
    """Somebody who knows what arrived: a `MockServer`, or the `mockwb` fixture."""

    @property
    def runs(self) -> list[MockRun]:
        """All runs."""
        ...

    @property
    def undelivered(self) -> list[SeenRequest]:
        """The last attempt of each delivery that failed and was not made good since."""
        ...

    @property
    def findings(self) -> list[Finding]:
        """Which of W&B's recommended ranges were left, and where."""
        ...


class _Logged(NamedTuple):
    step: Any
    value: Any


def assert_logged(run: MockRun, expected: Mapping[str, Any]) -> None:
    """AssertionError unless `run` logged what `expected` says under each key.

    - A list is all values of the key in order of step, no more and no fewer.
    - A dict with numbers as keys has values by step; other steps do not matter.
    - Anything else is about the last value: equal to it, a predicate of it, a type, or `...` for
      any. Within lists and dicts the same goes for each value. `pytest.approx` works everywhere.

    A key with dots, as `val.acc`, also finds what was logged as a dict in a dict.
    """
    __tracebackhide__ = True
    history = run.history
    problems = [
        problem
        for key, wanted in expected.items()
        for problem in _differences(history, key, wanted)
    ]
    if problems:
        lines = [f"run {run.path} did not log what was expected", *problems, *_hints(run)]
        raise AssertionError("\n  ".join(lines))


def assert_nothing_lost(witness: Witness) -> None:
    """AssertionError unless every run has ended and all that was sent for it has arrived.

    It names runs that have not ended or have crashed, lines that are missing or overwritten, and
    requests that were refused or failed and never came through. Without any run it fails too.
    """
    __tracebackhide__ = True
    runs = witness.runs
    if not runs and not witness.undelivered:
        raise AssertionError("no run has reached the server, so nothing shows that none is lost")
    problems = [problem for run in runs for problem in _losses(run)]
    problems += [_failed(request) for request in witness.undelivered]
    if problems:
        raise AssertionError("\n  ".join(["data were lost, or are not there yet", *_few(problems)]))


def assert_no_guidance_findings(witness: Witness) -> None:
    """AssertionError if logging has left a range that W&B recommends, as the server is set to it.

    It names where, what was measured, what the range allows, and W&B's advice. Without any run it
    fails too.
    """
    __tracebackhide__ = True
    if not witness.runs:
        raise AssertionError("no run has reached the server, so nothing was held against guidance")
    findings = [_beyond(finding) for finding in witness.findings]
    if findings:
        raise AssertionError("\n  ".join(["W&B's guidance was not kept", *_few(findings)]))


def _differences(history: Sequence[dict[str, Any]], key: str, wanted: Any) -> Iterator[str]:
    logged = _values(history, key)
    if not logged:
        if isinstance(wanted, list | tuple) and not wanted:
            return
        yield f"key {key!r}: never logged{_similar(history, key)}"
    elif isinstance(wanted, list | tuple) or _is_sequence_like(wanted):
        yield from _sequence_differences(logged, key, wanted)
    elif _is_by_step(wanted):
        for step, each in wanted.items():
            there = [value for at, value in logged if at == step]
            if not there:
                steps = ", ".join(_few([str(at) for at, _ in logged]))
                yield (
                    f"key {key!r}, step {step}: expected {described(each)}, found nothing"
                    f" (logged at steps {steps})"
                )
            elif not matches(each, there[-1]):
                yield _difference(key, step, each, there[-1])
    elif not matches(wanted, logged[-1].value):
        step, value = logged[-1]
        yield f"{_difference(key, step, wanted, value)} (the last of {len(logged)})"


def _sequence_differences(logged: Sequence[_Logged], key: str, wanted: Any) -> Iterator[str]:
    values = [value for _, value in logged]
    each = list(wanted) if isinstance(wanted, list | tuple) else list(wanted.expected)
    if isinstance(wanted, list | tuple):
        for expected, (step, value) in zip(each, logged, strict=False):
            if not matches(expected, value):
                yield _difference(key, step, expected, value)
    elif len(each) == len(values) and wanted != values:
        yield f"key {key!r}: expected {wanted!r}, found {_listed(values)}"
    if len(each) != len(values):
        yield f"key {key!r}: expected {len(each)} values, found {len(values)}: {_listed(values)}"


def _difference(key: str, step: Any, expected: Any, value: Any) -> str:
    return f"key {key!r}, step {step}: expected {described(expected)}, found {value!r}"


def _values(history: Sequence[dict[str, Any]], key: str) -> list[_Logged]:
    found = []
    for row in history:
        there, value = (True, row[key]) if key in row else lookup(row, key)
        if there:
            found.append(_Logged(row.get("_step"), value))
    return found


def _is_by_step(wanted: Any) -> bool:
    return (
        isinstance(wanted, Mapping)
        and bool(wanted)
        and all(isinstance(step, int) for step in wanted)
    )


def _is_sequence_like(wanted: Any) -> bool:
    """Whether it is `pytest.approx` of a list; pytest itself need not be there."""
    return isinstance(getattr(wanted, "expected", None), list | tuple)


def _similar(history: Sequence[dict[str, Any]], key: str) -> str:
    known = sorted({name for row in history for name in row if not name.startswith("_")})
    if not known:
        return "; the run has logged nothing"
    near = difflib.get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"; {hint}The run logged {', '.join(_few([repr(name) for name in known]))}"


def _hints(run: MockRun) -> Iterator[str]:
    if run.state in _UNDER_WAY:
        yield f"(the run is {run.state}: rows may be on their way until run.finish() returns)"
    for file, first, end in run.gaps:
        yield f"({_gap(file, first, end)})"


def _losses(run: MockRun) -> Iterator[str]:
    state, delivery, gaps = run.state, run.delivery, run.gaps
    if state in _UNDER_WAY:
        yield f"run {run.path}: {state}; it has not ended, call run.finish() first"
    elif state == "crashed":
        yield f"run {run.path}: crashed; it fell silent: {delivery.how_it_ended()}"
    for file, first, end in gaps:
        yield f"run {run.path}: {_gap(file, first, end)}"
    for file, first, end in delivery.missing:
        if (file, first, end) not in gaps:
            lines = lines_named(first, end)
            yield f"run {run.path}: {file}: {lines} came only in requests that were not accepted"
    if overwritten := run.rows_overwritten:
        yield f"run {run.path}: {overwritten:,} rows {OVERWRITTEN}"


def _gap(file: str, first: int, end: int) -> str:
    return f"{file}: {lines_named(first, end)} never arrived, though later ones did"


def _failed(request: SeenRequest) -> str:
    parts = (request.entity, request.project, request.run)
    path = "/".join(part for part in parts if part is not None)
    how = f"answered {request.status}" if request.status else "given up by its client"
    why = f" by the limit {request.refused_by}" if request.refused_by else ""
    what = request.operation or f"{request.method} {request.path}"
    return f"run {path or '?'}: {what} was {how}{why}, and never came through afterwards"


def _beyond(finding: Finding) -> str:
    if finding.user is not None:
        where = f"user {finding.user}"
    else:
        parts = (finding.entity, finding.project, finding.run)
        path = "/".join(part for part in parts if part is not None)
        where = f"{'project' if finding.run is None else 'run'} {path}"
    key = f", key {finding.key!r}" if finding.key is not None else ""
    peak, limit = finding.amounts()
    amounts = f"{peak}, recommended are at most {limit}"
    return f"{where}{key}: {finding.range}: {amounts}. {finding.advice} ({finding.source})"


def _few(items: Sequence[str]) -> list[str]:
    rest = len(items) - _SHOWN
    return [*items[:_SHOWN], *([f"... and {rest} more"] if rest > 0 else [])]


def _listed(values: Sequence[Any]) -> str:
    return f"[{', '.join(_few([repr(value) for value in values]))}]"
