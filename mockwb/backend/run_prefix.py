"""The first part of a run's history, which rewinding keeps and forking copies."""

from collections.abc import Iterable
from typing import Any

from mockwb.backend.history_row import parse_row
from mockwb.backend.row_order import order_of
from mockwb.backend.store import LineFile, Store


async def rows_up_to(store: Store, file: LineFile, step: float) -> list[str]:
    """The lines of a history file whose step is at most `step`; missing lines are left out."""
    lines = [line for line in await store.read_lines(file) if line is not None]
    return [line for line in lines if (order_of(line).step or 0) <= step]


def summary_of(lines: Iterable[str]) -> dict[str, Any]:
    """The last value of each key, as an SDK would have summed these rows up."""
    rows = sorted((parse_row(line) for line in lines), key=_step)
    summary: dict[str, Any] = {}
    for row in rows:
        _lay_over(summary, row)
    return summary


def _lay_over(summary: dict[str, Any], row: dict[str, Any]) -> None:
    """Nested keys are keys of their own; media are not."""
    for name, value in row.items():
        former = summary.get(name)
        if isinstance(value, dict) and isinstance(former, dict) and "_type" not in value:
            _lay_over(former, value)
        else:
            summary[name] = value


def _step(row: dict[str, Any]) -> float:
    step = row.get("_step")
    return step if isinstance(step, int | float) else 0
