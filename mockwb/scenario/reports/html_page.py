"""`report.html`: one file for people that needs nothing else. `page/` has its parts.

Text and tables are written here; the charts are drawn in the browser from the data that the page
carries.
"""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup

from mockwb.scenario.limit_advice import amount_text
from mockwb.scenario.reports.document import Report
from mockwb.scenario.reports.figures_shown import MAIN, headline, worth_showing, written
from mockwb.scenario.series import Sample
from mockwb.units import format_duration

_PARTS = files("mockwb.scenario.reports") / "page"
_TILES = (
    ("rows.stored", "rows stored"),
    ("rows.missing", "rows missing"),
    ("requests.total", "requests"),
    ("requests.refused_share", "answered 429"),
    ("throttled_seconds.max", "held back, worst run"),
    ("finish_seconds.p95", "finish(), p95"),
)


def html_page(report: Report) -> str:
    """The file's content."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_part("page.html.j2"))
    columns = {**(report.workloads if len(report.workloads) > 1 else {}), "total": report.total}
    return template.render(
        report=report,
        at=_minutes,
        css=Markup(_part("page.css")),
        script=Markup(_part("charts.js")),
        data=_embedded(report),
        headline=headline(report),
        tone="good" if report.exit_code == 0 else "bad",
        mark="✓" if report.exit_code == 0 else "✗",
        facts=list(_facts(report)),
        verdict=[part[:1].upper() + part[1:] for part in report.verdict.split("; ")],
        tiles=list(_tiles(report)),
        samples=[_sample_row(sample) for sample in report.series],
        different=[run for check in report.content.values() for run in check.different],
        limits=_limits(report),
        columns=list(columns),
        figures=list(_figures(MAIN, columns)),
        all_figures=list(_figures({name: name for name in report.total}, columns)),
    )


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _embedded(report: Report) -> Markup:
    """What the charts are drawn from, such that no text in it ends the script element."""
    data = {
        "seconds": report.seconds,
        "series": msgspec.to_builtins(report.series),
        "finish_quantiles": report.finish_quantiles,
        "wait_quantiles": report.wait_quantiles,
        "timeline": msgspec.to_builtins(report.timeline),
    }
    return Markup(json.dumps(data).replace("<", "\\u003c"))


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    yield "How", "simulated" if report.engine == "simulate" else "played against a server"
    yield "When", f"{report.started_at[:16].replace('T', ' ')} UTC"
    yield "Scenario time", format_duration(round(report.seconds, 1))
    if report.engine == "simulate":
        yield "Simulated in", format_duration(round(report.wall_seconds, 1))
    yield "Clients", written("clients.total", report.total.get("clients.total"))
    if report.sdk_versions:
        yield "wandb", ", ".join(report.sdk_versions)
    if report.scenario.file:
        yield "File", report.scenario.file


def _tiles(report: Report) -> Iterator[dict[str, Any]]:
    for name, words in _TILES:
        value = report.total.get(name)
        if value is not None:
            bad = name == "rows.missing" and value > 0
            yield {"name": words, "value": _short(name, value), "bad": bad}
    lowest = report.total.get("remaining.lowest")
    if lowest is not None:
        yield {"name": "lowest quota left", "value": f"{lowest / 10:g}%", "bad": False}


def _short(name: str, value: float) -> str:
    """As `written`, without digits that a tile has no room for."""
    if name.startswith(("throttled_seconds", "finish_seconds")) and value >= 10:
        value = round(value, 1) if value < 60 else round(value)
    return written(name, value)


def _minutes(seconds: float) -> str:
    """As the charts' axes have it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _sample_row(sample: Sample) -> list[str]:
    seconds = sample.seconds or 1.0
    logged = sample.rows_sent if sample.rows_logged is None else sample.rows_logged
    least = min(sample.remaining.values(), default=None)
    return [
        f"{sample.at:,.1f}",
        f"{sample.active:,}",
        f"{sample.waiting:,}",
        f"{sample.answered / seconds:,.1f}",
        f"{sample.refused / seconds:,.1f}",
        f"{logged:,}",
        f"{sample.rows_stored:,}",
        "-" if least is None else f"{least / 10:g}%",
        f"{sample.waits.max:,.1f}",
    ]


def _limits(report: Report) -> list[dict[str, str]]:
    """One row per limit and amount: every run may have had windows of its own."""
    keys: dict[tuple[str, str], list[str]] = {}
    for window in report.limits:
        allows = f"{amount_text(window)} per {format_duration(window.window_seconds)}"
        keys.setdefault((window.name, allows), []).append(window.key)
    return [
        {
            "name": name,
            "on": found[0] if len(found) == 1 else f"{len(found):,}, such as {min(found)}",
            "allows": allows,
            "refused": written(f"refused.{name}", report.total.get(f"refused.{name}")),
        }
        for (name, allows), found in sorted(keys.items())
    ]


def _figures(
    names: Mapping[str, str], columns: Mapping[str, Mapping[str, float | None]]
) -> Iterator[dict[str, Any]]:
    for name, words in names.items():
        cells = [column.get(name) for column in columns.values()]
        if worth_showing(name, cells):
            yield {"words": words, "cells": [written(name, value) for value in cells]}
