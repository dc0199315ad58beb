"""The rows of a run in order of step, for `history`.

Clients read long histories page by page; the order is worked out once and kept while nothing is
written, so that a page costs what it holds and not what the run holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import HISTORY
from mockwb.backend.history_row import parse_row
from mockwb.backend.run import RunKey
from mockwb.backend.store import LineFile, Store
from mockwb.clock import Clock

BREATH = 5000
"""Rows after which a long read lets other requests run."""
_KEPT = 4
"""Runs whose order is remembered."""

_Lines = dict[LineFile, list[str | None]]


class Row(NamedTuple):
    """One row that has been stored."""

    step: float
    line: str
    numbered: bool
    """The client named no step, so the server did (shared mode of some SDK versions)."""


class OrderedRows:
    """All rows of a run by step, as they were at one time."""

    def __init__(self, lines: _Lines, rows: list[Row]) -> None:
        """`rows` are those in `lines`, in order."""
        self.lines = lines
        self.rows = rows
        self._steps = [row.step for row in rows]
        self.history_keys: dict[str, Any] | None = None
        """What `History.keys` made of them, once it was asked."""

    def between(self, first: float | None, last: float | None) -> Sequence[Row]:
        """Rows with steps from `first` to `last`, both inclusive; None: no bound."""
        start = 0 if first is None else bisect_left(self._steps, first)
        stop = len(self.rows) if last is None else bisect_right(self._steps, last)
        return self.rows[start:stop]

    def before(self, first: float | None, end: float | None) -> Sequence[Row]:
        """As `between`, without the rows of step `end`."""
        start = 0 if first is None else bisect_left(self._steps, first)
        stop = len(self.rows) if end is None else bisect_left(self._steps, end)
        return self.rows[start:stop]


class RowOrder:
    """Puts rows in order, and remembers the order for the runs read last."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock
        self._kept: dict[RunKey, OrderedRows] = {}

    async def of_run(self, key: RunKey) -> OrderedRows:
        """All rows of all writers by step; rows without one are numbered by their time."""
        lines = {
            file: await self._store.read_lines(file)
            for file in await self._store.line_files(*key)
            if file.name == HISTORY
        }
        ordered = self._kept.pop(key, None)
        # Unchanged lines are the same objects, so this compares as fast as it copies.
        if ordered is None or ordered.lines != lines:
            ordered = OrderedRows(lines, await self._sorted(lines))
        self._kept[key] = ordered
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return ordered

    async def _sorted(self, files: _Lines) -> list[Row]:
        rows: list[Row] = []
        stepless: list[tuple[float, str]] = []
        for lines in files.values():
            for number, line in enumerate(lines):
                if number % BREATH == BREATH - 1:
                    await self._clock.sleep(0)
                if line is None:
                    continue
                order = order_of(line)
                if order.step is None:
                    stepless.append((order.timestamp or 0.0, line))
                else:
                    rows.append(Row(order.step, line, numbered=False))
        stepless.sort(key=lambda entry: entry[0])
        rows += [Row(step, line, numbered=True) for step, (_, line) in enumerate(stepless)]
        rows.sort(key=lambda row: row.step)
        return rows


class LineOrder(msgspec.Struct):
    """What a line says of its place."""

    step: float | None = msgspec.field(default=None, name="_step")
    timestamp: float | None = msgspec.field(default=None, name="_timestamp")


_decoder = msgspec.json.Decoder(LineOrder)


def order_of(line: str) -> LineOrder:
    """The place of a line of history or events; without step and time if it is no JSON object."""
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError:
        return _order_leniently(line)


def _order_leniently(line: str) -> LineOrder:
    try:
        row = parse_row(line)
    except InvalidError:
        return LineOrder()
    found = [row.get("_step"), row.get("_timestamp")]
    return LineOrder(*[float(v) if isinstance(v, int | float) else None for v in found])
