"""`summary.md`: verdict, thresholds and main figures, as a CI job's step summary shows them."""

from collections.abc import Sequence

from mockwb.scenario.reports.document import Report
from mockwb.scenario.reports.figures_shown import MAIN, headline, worth_showing, written
from mockwb.units import format_duration

_MARKS = {"holds": "holds", "FAILS": "**FAILS**", "skipped": "skipped"}
_MOST_ERRORS = _MOST_RUNS = 10


def summary(report: Report) -> str:
    """The file's content."""
    sections = [
        _top(report),
        _thresholds(report),
        _figures(report),
        _delivery(report),
        _different(report),
        _guidance(report),
        _errors(report),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> list[str]:
    """Lines of a Markdown table; columns after the first `left` are numbers."""
    rule = [":--" if index < left else "--:" for index in range(len(columns))]
    return [_line(columns), _line(rule), *(_line([cell(text) for text in row]) for row in rows)]


def cell(text: str) -> str:
    """Text that stays within its cell, and is no markup."""
    for char in "\\|<>*_`[]":
        text = text.replace(char, f"\\{char}")
    return " ".join(text.split())


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _top(report: Report) -> list[str]:
    mark = "✅" if report.exit_code == 0 else "❌"
    how = "simulated" if report.engine == "simulate" else "played against a server"
    took = format_duration(round(report.seconds, 1))
    return [
        f"## {mark} {cell(report.scenario.name)}: {headline(report).lower()}",
        "",
        f"{cell(report.verdict)}.",
        "",
        f"<sub>{took}, {how} by mockwb {report.mockwb}</sub>",
    ]


def _thresholds(report: Report) -> list[str]:
    rows = [
        [outcome.expression, outcome.measured_in_words, _MARKS[outcome.verdict]]
        for outcome in report.thresholds
    ]
    lines = [f"| `{e}` | {m} | {verdict} |" for e, m, verdict in rows]
    return ["| threshold | measured | |", "| :-- | --: | :-- |", *lines] if rows else []


def _figures(report: Report) -> list[str]:
    columns = dict(report.workloads) if len(report.workloads) > 1 else {}
    columns = {**columns, "total": report.total}
    rows = [
        [words, *(written(name, column.get(name)) for column in columns.values())]
        for name, words in MAIN.items()
        if worth_showing(name, [column.get(name) for column in columns.values()])
    ]
    return table(["", *map(cell, columns)], rows)


def _delivery(report: Report) -> list[str]:
    if not report.incomplete:
        return []
    rows = [[run.run, run.text] for run in report.incomplete[:_MOST_RUNS]]
    more = int(report.total.get("delivery.incomplete") or 0) - len(rows)
    tail = ["", f"and {more:,} more in report.json"] if more > 0 else []
    return ["### Incomplete runs", "", *table(["run", "missing"], rows, 2), *tail]


def _different(report: Report) -> list[str]:
    runs = [run for check in report.content.values() for run in check.different]
    lines = [f"- {cell(run)}" for run in runs]
    return ["### Runs not stored as they were logged", "", *lines] if lines else []


def _guidance(report: Report) -> list[str]:
    if not report.guidance:
        return []
    rows = [
        [g.range, f"{g.findings:,}", g.peak_text, g.limit_text, g.advice] for g in report.guidance
    ]
    columns = ["range", "left in", "peak", "recommended", "advice"]
    return ["### W&B's guidance", "", *table(columns, rows, 5)]


def _errors(report: Report) -> list[str]:
    if not report.errors:
        return []
    worst = sorted(report.errors, key=lambda error: -error.clients)
    rows = [[error.workload, error.reason, f"{error.clients:,}"] for error in worst[:_MOST_ERRORS]]
    more = len(worst) - len(rows)
    tail = ["", f"and {more:,} more reasons in report.json"] if more else []
    return ["### Why clients failed", "", *table(["workload", "reason", "clients"], rows, 2), *tail]
