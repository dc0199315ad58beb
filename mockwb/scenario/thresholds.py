"""Thresholds: comparisons such as `rows.missing == 0` that decide a scenario's exit code.

    [workloads.NAME.]FIGURE  == != < <= > >=  NUMBER

The figure is one of `mockwb.scenario.figures`; seconds may be written `30s` or `1m`, bytes `10MB`,
shares `5%`. Without a workload's name the total counts. A figure that nothing was measured for
(finish times when no client finished) holds no threshold.
"""

import difflib
import operator
import re
from collections.abc import Callable

import msgspec

from mockwb.config.schemas import Describe, Schema
from mockwb.scenario.figures import FIGURES, Unit, find, in_words
from mockwb.scenario.tally import Tallies
from mockwb.units import parse_duration, parse_size

_EXPRESSION = re.compile(r"\s*([\w.-]+)\s*(==|!=|<=|>=|<|>)\s*(\S.*?)\s*")
_OF_WORKLOAD = re.compile(r"workloads\.([^.]+)\.(.+)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one threshold."""

    expression: str
    measured: float | None
    """The figure; None if there was nothing to measure."""
    holds: bool
    measured_in_words: str
    """The figure for people, such as `12.5s`."""

    @property
    def text(self) -> str:
        """For people: the expression and what was measured."""
        return f"{self.expression} (measured: {self.measured_in_words})"


class Threshold:
    """One comparison."""

    __slots__ = ("_compare", "_expression", "_figure", "_limit", "workload")

    def __init__(self, expression: str) -> None:
        """Parse `expression`; ValueError says what is wrong and what would be right."""
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

    @classmethod
    def from_config(cls, value: object) -> "Threshold":
        """Parse what the scenario file holds."""
        if not isinstance(value, str):
            raise ValueError(f"expected a comparison such as 'rows.missing == 0', got {value!r}")
        return cls(value)

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        return {
            "type": "string",
            "pattern": f"^{_EXPRESSION.pattern}$",
            "examples": ["rows.missing == 0", "workloads.fleet.finish_seconds.p95 < 30s"],
        }

    def judge(self, tallies: Tallies) -> Outcome:
        """Compare."""
        tally = tallies.total if self.workload is None else tallies.workloads[self.workload]
        measured = self._figure.read(tally)
        return Outcome(
            expression=self._expression,
            measured=measured,
            holds=measured is not None and self._compare(measured, self._limit),
            measured_in_words=in_words(measured, self._figure.unit),
        )

    def __str__(self) -> str:
        return self._expression


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
    return _number(text)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d[\d_]*(\.\d+)?", text) is not None


def _number(text: str) -> float:
    return float(text)


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, FIGURES, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    # Figures by endpoint would drown the rest: one line stands for them.
    plain = [known for known in FIGURES if not re.match(r"requests\.\w+\.", known)]
    return (
        f"unknown figure {name!r}{hint}; expected one of {', '.join(plain)}, "
        "or requests.ENDPOINT.total, .refused, .refused_share or .STATUS"
    )
