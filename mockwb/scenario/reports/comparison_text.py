"""A comparison as tables: for a terminal and as Markdown. `mockwb compare` prints them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockwb.scenario.reports.comparison import Comparison, FigureChange, ThresholdChange
from mockwb.scenario.reports.figures_shown import MAIN
from mockwb.scenario.reports.summary import cell, table

_MARKS = {
    "holds": "holds",
    "fails": "fails as before",
    "broken": "HELD, FAILS NOW",
    "fixed": "fixed: holds now",
    "new": "new",
    "gone": "gone",
}


@dataclass(frozen=True)
class Section:
    """One table of a comparison."""

    title: str
    columns: Sequence[str]
    rows: list[list[str]]
    left: int
    """Columns of text; the others are numbers."""


def headline(comparison: Comparison) -> str:
    """What matters most, in one line."""
    broken = comparison.broken
    if broken:
        return f"{broken:,} threshold{'s' * (broken > 1)} that held {_fail(broken)} now"
    return "no threshold that held fails now"


def sections(comparison: Comparison) -> Iterator[Section]:
    """All that have something to say."""
    every = [
        Section("Not the same to begin with", ["differs"], [[t] for t in comparison.setting], 1),
        Section(
            "Thresholds",
            ["threshold", "now", "before", "after"],
            [_threshold(change) for change in comparison.thresholds],
            2,
        ),
        Section("Figures", _COLUMNS, [_figure(change) for change in comparison.figures], 1),
        Section(
            "Figures by workload",
            ["workload", *_COLUMNS],
            [[change.workload or "", *_figure(change)] for change in comparison.by_workload],
            2,
        ),
        Section("Limits at work", ["limit"], [[text] for text in comparison.limits], 1),
        Section("W&B's guidance", ["range"], [[text] for text in comparison.guidance], 1),
    ]
    return (section for section in every if section.rows)


def markdown(comparison: Comparison) -> str:
    """The comparison for a CI step summary or a pull request."""
    before, after = comparison.names
    mark = "❌" if comparison.broken else "✅"
    names = cell(after) if before == after else f"{cell(before)} and {cell(after)}"
    parts = [f"## {mark} {names}: {headline(comparison)}"]
    verdicts = zip(("before", "after"), comparison.verdicts, strict=True)
    parts.append("\n".join(f"- {when}: {cell(verdict)}" for when, verdict in verdicts))
    for section in sections(comparison):
        lines = table(section.columns, section.rows, section.left)
        parts.append("\n".join([f"### {section.title}", "", *lines]))
    return "\n\n".join(parts)


_COLUMNS = ["figure", "before", "after", "change", "relative"]


def _fail(count: int) -> str:
    return "fails" if count == 1 else "fail"


def _threshold(change: ThresholdChange) -> list[str]:
    mark = _MARKS[change.change]
    if change.change == "new":
        mark += ": holds" if change.holds else ": fails"
    return [change.expression, mark, change.before or "-", change.after or "-"]


def _figure(change: FigureChange) -> list[str]:
    return [MAIN.get(change.name, change.name), *change.in_words]
