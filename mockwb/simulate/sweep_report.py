"""The folder that `--sweep` with `--report` writes: sweep.json, sweep.md and sweep.html."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
from jinja2 import Environment

from mockwb.simulate.sweep import Curve, Point
from mockwb.simulate.sweep_table import seconds_text

SWEEP_FORMS = _DATA, _SUMMARY, PAGE = "sweep.json", "sweep.md", "sweep.html"
"""Files of the folder."""
_TEMPLATE = "sweep_page.html.j2"
_WIDTH, _HEIGHT = 640, 200
"""Of a chart, in its own units; the page scales it."""
_CHARTS = (
    ("rows_per_second", "Throughput: rows stored per second", "{:,.0f}"),
    ("refused_share", "Share of file_stream requests answered 429", "{:.0%}"),
    ("finish_p95", "finish(), p95, in seconds", "{:,.1f}"),
)
_COLUMNS = ("requests/s", "rows/s", "answered 429", "finish() p50", "finish() p95", "rows missing")


def write_sweep(folder: Path, name: str, curve: Curve) -> None:
    """Write the curve of scenario `name` in every form; OSError if that cannot be done."""
    document = {"version": 1, "scenario": name, **msgspec.to_builtins(curve)}
    text = msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
    (folder / _DATA).write_bytes(text)
    (folder / _SUMMARY).write_text(_markdown(name, curve), encoding="utf-8")
    (folder / PAGE).write_text(_html(name, curve), encoding="utf-8")


def _cells(point: Point) -> list[str]:
    return [
        f"{point.requests_per_second:,.1f}",
        f"{point.rows_per_second:,.1f}",
        f"{point.refused_share:.1%}",
        seconds_text(point.finish_p50),
        seconds_text(point.finish_p95),
        f"{point.rows_missing:,}",
    ]


def _markdown(name: str, curve: Curve) -> str:
    heading = [curve.variable, *_COLUMNS]
    rows = [[point.value, *_cells(point)] for point in curve.points]
    lines = [heading, ["---:"] * len(heading), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"## {name}: sweep of {curve.variable}\n\n**{curve.text}**\n\n{table}\n"


def _html(name: str, curve: Curve) -> str:
    template = (files("mockwb.simulate") / _TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        name=name,
        curve=curve,
        columns=_COLUMNS,
        cells=_cells,
        width=_WIDTH,
        height=_HEIGHT,
        charts=[_chart(curve, *chart) for chart in _CHARTS],
    )


def _chart(curve: Curve, field: str, title: str, form: str) -> dict[str, Any]:
    """Where its points and labels are; values are evenly spaced, as they were asked for."""
    values = [getattr(point, field) or 0.0 for point in curve.points]
    top = max(values) or 1.0
    step = _WIDTH / max(1, len(values) - 1)
    places = [(index * step, _HEIGHT * (1 - value / top)) for index, value in enumerate(values)]
    return {
        "title": title,
        "line": " ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        "dots": [
            {"x": round(x, 1), "y": round(y, 1), "label": point.value, "text": form.format(value)}
            for (x, y), point, value in zip(places, curve.points, values, strict=True)
        ],
    }
