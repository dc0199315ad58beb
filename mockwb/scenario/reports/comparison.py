"""What changed between two runs of scenarios. `mockwb compare` shows it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from mockwb.scenario.account_reader import Window
from mockwb.scenario.figures import find, in_words
from mockwb.scenario.limit_advice import amount_text
from mockwb.scenario.reports.document import Report
from mockwb.scenario.reports.figures_shown import MAIN
from mockwb.scenario.reports.settings_diff import settings_diff
from mockwb.scenario.thresholds import Outcome
from mockwb.units import format_duration

Change = Literal["holds", "fails", "broken", "fixed", "new", "gone"]


class ThresholdChange(msgspec.Struct, kw_only=True):
    """One threshold, before and after."""

    expression: str
    change: Change
    """`broken`: it held and fails now; `fixed`: the reverse; `new` and `gone`: only one has it, or
    judged it."""
    holds: bool | None
    """Whether it holds now; null if it is gone."""
    before: str | None
    """What was measured, for people; null if it was not there."""
    after: str | None


class FigureChange(msgspec.Struct, kw_only=True):
    """One figure that is not the same."""

    name: str
    workload: str | None
    """Null for all clients together."""
    before: float | None
    after: float | None
    """Null if there was nothing to measure."""

    @property
    def difference(self) -> float | None:
        """After less before."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def relative(self) -> float | None:
        """The difference as a share of what was before; None of nothing."""
        return self.difference / abs(self.before) if self.difference and self.before else None

    @property
    def in_words(self) -> tuple[str, str, str, str]:
        """Before, after, absolute and relative change, for people."""
        figure = find(self.name)
        unit = "count" if figure is None else figure.unit
        before, after = (
            "-" if value is None else in_words(value, unit) for value in (self.before, self.after)
        )
        if self.difference is None:
            return before, after, "-", "-"
        sign = "-" if self.difference < 0 else "+"
        size = abs(self.difference)
        change = f"{size * 100:.1f} points" if unit == "share" else in_words(size, unit)
        relative = "-" if self.relative is None else f"{self.relative:+.1%}"
        return before, after, f"{sign}{change}", relative


class Comparison(msgspec.Struct, kw_only=True):
    """Everything that differs."""

    names: tuple[str, str]
    """The scenarios."""
    verdicts: tuple[str, str]
    setting: list[str]
    """What was not the same to begin with: versions, engine, the scenario's own settings."""
    thresholds: list[ThresholdChange]
    figures: list[FigureChange]
    """Of all clients together, main ones first."""
    by_workload: list[FigureChange]
    """Main figures of workloads that both have; none where there is only one workload."""
    limits: list[str]
    """Limits that were at work in one of them only, or allowed another amount."""
    guidance: list[str]
    """Ranges of W&B's guidance that only one left, or left by another amount."""

    @property
    def broken(self) -> int:
        """Thresholds that held and fail now."""
        return sum(threshold.change == "broken" for threshold in self.thresholds)


def compare(before: Report, after: Report) -> Comparison:
    """Set two reports against each other."""
    return Comparison(
        names=(before.scenario.name, after.scenario.name),
        verdicts=(before.verdict, after.verdict),
        setting=list(_setting(before, after)),
        thresholds=list(_thresholds(before.thresholds, after.thresholds)),
        figures=list(_figures(before.total, after.total, None, [*MAIN, *before.total])),
        by_workload=list(_by_workload(before, after)),
        limits=list(_limits(before.limits, after.limits)),
        guidance=list(_guidance(before, after)),
    )


def _setting(before: Report, after: Report) -> Iterator[str]:
    facts = {
        "mockwb": (before.mockwb, after.mockwb),
        "wandb": (_list(before.sdk_versions), _list(after.sdk_versions)),
        "engine": (before.engine, after.engine),
        "scenario": (before.scenario.name, after.scenario.name),
        "ending": (before.ending, after.ending),
    }
    for name, (old, new) in facts.items():
        if old != new:
            yield f"{name}: {old} -> {new}"
    yield from settings_diff(_settings(before), _settings(after))


def _settings(report: Report) -> dict[str, Any]:
    """Without thresholds, which have a table of their own."""
    return {key: value for key, value in report.scenario.settings.items() if key != "thresholds"}


def _list(versions: Sequence[str]) -> str:
    return ", ".join(versions) or "none"


def _thresholds(before: Sequence[Outcome], after: Sequence[Outcome]) -> Iterator[ThresholdChange]:
    old = {outcome.expression: outcome for outcome in before}
    new = {outcome.expression: outcome for outcome in after}
    for expression in dict.fromkeys([*new, *old]):
        first, second = old.get(expression), new.get(expression)
        yield ThresholdChange(
            expression=expression,
            change=_change(first, second),
            holds=None if second is None or second.skipped else second.holds,
            before=None if first is None else first.measured_in_words,
            after=None if second is None else second.measured_in_words,
        )


def _change(before: Outcome | None, after: Outcome | None) -> Change:
    if after is None or after.skipped:
        return "gone"
    if before is None or before.skipped:
        return "new"
    if before.holds == after.holds:
        return "holds" if after.holds else "fails"
    return "fixed" if after.holds else "broken"


def _figures(
    before: Mapping[str, float | None],
    after: Mapping[str, float | None],
    workload: str | None,
    names: Iterable[str],
) -> Iterator[FigureChange]:
    """Those of `names`, and of what only `after` has, that are not the same."""
    also = [name for name in after if name not in before] if workload is None else []
    for name in dict.fromkeys([*names, *also]):
        # Requests by status are listed where they occurred.
        old, new = before.get(name, 0), after.get(name, 0)
        if old != new:
            yield FigureChange(name=name, workload=workload, before=old, after=new)


def _by_workload(before: Report, after: Report) -> Iterator[FigureChange]:
    if len(before.workloads) == len(after.workloads) == 1:
        return
    for name, figures in before.workloads.items():
        if name in after.workloads:
            yield from _figures(figures, after.workloads[name], name, MAIN)


def _limits(before: Iterable[Window], after: Iterable[Window]) -> Iterator[str]:
    """By kind of limit: every run may have had windows of its own."""
    old, new = _allowed(before), _allowed(after)
    for name in sorted({*old, *new}):
        first, second = old.get(name), new.get(name)
        if first != second:
            yield f"{name}: {first or 'not at work'} -> {second or 'not at work'}"


def _allowed(windows: Iterable[Window]) -> dict[str, str]:
    allowed: dict[str, set[str]] = {}
    for window in windows:
        text = f"{amount_text(window)} per {format_duration(window.window_seconds)}"
        allowed.setdefault(window.name, set()).add(text)
    return {name: ", ".join(sorted(texts)) for name, texts in allowed.items()}


def _guidance(before: Report, after: Report) -> Iterator[str]:
    old = {group.range: group for group in before.guidance}
    new = {group.range: group for group in after.guidance}
    for name in dict.fromkeys([*new, *old]):
        first, second = (
            None if group is None else (group.findings, group.peak_text)
            for group in (old.get(name), new.get(name))
        )
        if first != second:
            yield f"{name}: {_left(first)} -> {_left(second)}"


def _left(facts: tuple[int, str] | None) -> str:
    return "not left" if facts is None else f"left in {facts[0]:,} places, up to {facts[1]}"
