"""A sweep's curve as a table with bars, for a terminal."""

from collections.abc import Callable

from rich.table import Table

from mockwb.simulate.sweep import Curve, Point
from mockwb.units import format_duration

_BAR = 8
"""Columns of the longest bar."""
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def curve_table(curve: Curve) -> Table:
    """A row per value; the bars of a column are all to one scale."""
    table = Table(title=f"Sweep of {curve.variable}", title_justify="left")
    table.add_column(curve.variable, justify="right")
    for heading in ("req/s", "rows/s"):
        table.add_column(heading, justify="right")
    for heading in ("429", "finish p50", "finish p95"):
        table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
    table.add_column("missing", justify="right")
    table.add_column("thresholds", no_wrap=True)
    shares, halves, most = (
        _bars(curve, pick)
        for pick in (
            lambda point: point.refused_share,
            lambda point: point.finish_p50,
            lambda point: point.finish_p95,
        )
    )
    for index, point in enumerate(curve.points):
        table.add_row(
            f"{point.value} +" if point.added else point.value,
            f"{point.requests_per_second:,.1f}",
            f"{point.rows_per_second:,.1f}",
            f"{point.refused_share:.1%}",
            shares[index],
            seconds_text(point.finish_p50),
            halves[index],
            seconds_text(point.finish_p95),
            most[index],
            f"{point.rows_missing:,}",
            f"{len(point.thresholds_failed)} fail" if point.thresholds_failed else "hold",
        )
    return table


def seconds_text(seconds: float | None) -> str:
    """For people; a dash where nothing was measured."""
    return "-" if seconds is None else format_duration(round(seconds, 1))


def _bars(curve: Curve, pick: Callable[[Point], float | None]) -> list[str]:
    values = [pick(point) or 0.0 for point in curve.points]
    longest = max(values) or 1.0
    return [_bar(value / longest) for value in values]


def _bar(share: float) -> str:
    eighths = round(share * _BAR * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
