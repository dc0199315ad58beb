"""Thresholds: comparisons such as `rows.missing == 0` that decide a scenario's exit code.

    [workloads.NAME.]FIGURE  == != < <= > >=  NUMBER

The figure is one of `mockwb.scenario.figures`; seconds may be written `30s` or `1m`, bytes `10MB`,
shares `5%`. Without a workload's name the total counts. A figure that nothing was measured for
(finish times when no client finished) holds no threshold.

One that may end the scenario before its time is a mapping: `ThresholdRule`.
"""

import difflib
import operator
import re
from collections.abc import Callable
from typing import Literal

import msgspec

from mockwb.config.schemas import Describe, Schema
from mockwb.config.unit_schemas import text_pattern
from mockwb.scenario.figures import FIGURES, Course, Unit, course, find, in_words, patterns
from mockwb.scenario.tally import Tallies
from mockwb.units import Duration, Size, parse_duration, parse_size
from mockwb.yaml_file import PartError, convert_part

_COMPARISON = "(==|!=|<=|>=|<|>)"
_EXPRESSION = re.compile(rf"\s*([\w.-]+)\s*{_COMPARISON}\s*(\S.*?)\s*")
_NUMBER = r"\d[\d_]*(\.\d+)?"
_VALUES: dict[Unit, str] = {
    "count": _NUMBER,
    "share": rf"{_NUMBER}%|0(\.\d+)?|1(\.0+)?",
    "seconds": f"{_NUMBER}|{text_pattern(Duration)}",
    "bytes": f"{_NUMBER}|{text_pattern(Size)}",
}
"""What a figure may be compared with."""
_OF_WORKLOAD = re.compile(r"workloads\.([^.]+)\.(.+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_HOPEFUL: dict[Course, tuple[str, ...]] = {"rises": (">", ">=", "!="), "falls": ("<", "<=", "!=")}
"""Comparisons that no longer fail once the figure has gone far enough."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one threshold."""

    expression: str
    measured: float | None
    """The figure; None if there was nothing to measure."""
    holds: bool
    measured_in_words: str
    """The figure for people, such as `12.5s`."""
    skipped: bool = False
    """Whether it was not judged, as nobody watched what it is about; it counts as holding then."""

    @property
    def verdict(self) -> Literal["holds", "FAILS", "skipped"]:
        """In a word."""
        return "skipped" if self.skipped else "holds" if self.holds else "FAILS"

    @property
    def text(self) -> str:
        """For people: the expression and what was measured."""
        return f"{self.expression} (measured: {self.measured_in_words})"


class ThresholdRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A comparison, and whether the scenario goes on when it fails for good."""

    check: str
    """Such as `http.429.rate < 5%`."""
    abort_on_fail: bool = False
    """End the scenario as soon as the threshold fails for good: a figure that only rises is beyond
    it (or one that only falls is below), or any other one does not hold."""
    after: Duration = Duration(0)
    """But not before so long after the start."""

    def __post_init__(self) -> None:
        """Refuse a delay of nothing."""
        if self.after and not self.abort_on_fail:
            raise ValueError("after is for thresholds with abort_on_fail: true")


class Threshold:
    """One comparison."""

    __slots__ = (
        "_compare",
        "_course",
        "_expression",
        "_figure",
        "_limit",
        "abort_after",
        "workload",
    )

    def __init__(self, expression: str, abort_after: float | None = None) -> None:
        """Parse `expression`; ValueError says what is wrong and what would be right.

        `abort_after` are the seconds after which its failure ends the scenario; None never does.
        """
        match = _EXPRESSION.fullmatch(expression)
        if match is None:
            raise ValueError(
                f"expected a comparison such as 'rows.missing == 0', got {expression!r}"
            )
        subject, comparison, value = match.groups()
        of_workload = _OF_WORKLOAD.fullmatch(subject)
        self.workload = of_workload.group(1) if of_workload else None
        """The workload it is about; None for the total."""
        name = of_workload.group(2) if of_workload else subject
        figure = find(name)
        if figure is None:
            raise ValueError(_unknown(name))
        self._figure = figure
        self._expression = " ".join(expression.split())
        self._compare = _COMPARE[comparison]
        self._limit = _parse(value, figure.unit)
        self.abort_after = abort_after
        """Seconds after which its failure ends the scenario; None if it never does."""
        self._course = course(name)
        if abort_after is not None:
            _check_abort(name, comparison)

    @classmethod
    def from_config(cls, value: object) -> "Threshold":
        """Parse what the scenario file holds."""
        if isinstance(value, dict):
            rule = convert_part(value, ThresholdRule)
            try:
                return cls(rule.check, rule.after if rule.abort_on_fail else None)
            except ValueError as error:
                raise PartError(str(error), ("check",)) from None
        if not isinstance(value, str):
            raise ValueError(f"expected a comparison such as 'rows.missing == 0', got {value!r}")
        return cls(value)

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        by_unit = [
            rf"{names}\s*{_COMPARISON}\s*({_VALUES[unit]})" for unit, names in patterns().items()
        ]
        comparison = {
            "type": "string",
            "pattern": rf"^(\s*(workloads\.[^.]+\.)?({'|'.join(by_unit)})\s*|.*\$\{{.*)$",
            "examples": ["rows.missing == 0", "workloads.fleet.finish_delay.p95 < 30s"],
        }
        rule = {"allOf": [of(ThresholdRule), {"properties": {"check": comparison}}]}
        return {"anyOf": [comparison, rule]}

    def judge(self, tallies: Tallies) -> Outcome:
        """Compare."""
        measured = self._measure(tallies)
        unknown = self._figure.unknown(tallies)
        return Outcome(
            expression=self._expression,
            measured=measured,
            holds=unknown is not None
            or (measured is not None and self._compare(measured, self._limit)),
            measured_in_words=unknown or in_words(measured, self._figure.unit),
            skipped=unknown is not None,
        )

    def fails_for_good(self, seconds: float, tallies: Tallies) -> bool:
        """Whether it ends the scenario, which has gone on for `seconds` and so far come to this."""
        measured = self._measure(tallies)
        if self.abort_after is None or seconds < self.abort_after or measured is None:
            return False
        if self._compare is operator.eq and self._course == "rises":
            return measured > self._limit
        if self._compare is operator.eq and self._course == "falls":
            return measured < self._limit
        return not self._compare(measured, self._limit)

    def _measure(self, tallies: Tallies) -> float | None:
        tally = tallies.total if self.workload is None else tallies.workloads[self.workload]
        return self._figure.read(tally)

    def __str__(self) -> str:
        return self._expression


def _check_abort(name: str, comparison: str) -> None:
    """ValueError for what cannot fail for good before the end."""
    goes = course(name)
    if goes is None:
        raise ValueError(f"abort_on_fail: {name} is known only at the end")
    if comparison in _HOPEFUL.get(goes, ()):
        raise ValueError(
            f"abort_on_fail: {name} {goes}, so that {comparison} may hold in the end all the same"
        )


def _parse(text: str, unit: Unit) -> float:
    if unit == "seconds":
        return parse_duration(_number(text) if _is_number(text) else text)
    if unit == "bytes":
        return parse_size(int(text) if text.isdecimal() else text)
    if unit == "share" and text.endswith("%") and _is_number(text[:-1]):
        return _number(text[:-1]) / 100
    if not _is_number(text):
        example = "a share such as 5% or 0.05" if unit == "share" else "a number"
        raise ValueError(f"expected {example} to compare with, got {text!r}")
    if unit == "share" and _number(text) > 1:
        raise ValueError(f"expected a share such as 5% or 0.05, got {text}; is {text}% meant?")
    return _number(text)


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text) is not None


def _number(text: str) -> float:
    return float(text)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, FIGURES, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    # Figures by endpoint would drown the rest: one line stands for them.
    plain = [known for known in FIGURES if not re.match(r"requests\.\w+\.", known)]
    return (
        f"unknown figure {name!r}{hint}; expected one of {', '.join(plain)}, "
        "requests.ENDPOINT.total, .refused, .refused_share or .STATUS, "
        "or http.STATUS.count or .rate, with a STATUS such as 429 or 5xx"
    )
