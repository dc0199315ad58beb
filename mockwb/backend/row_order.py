"""The rows of a run in order of step, for `history`.

Clients read long histories page by page; the order is worked out once and kept while nothing is
written, so that a page costs what it holds and not what the run holds.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import itemgetter, le
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import HISTORY
from mockwb.backend.history_row import joined, parse_row
from mockwb.backend.json_text import may_hold_specials, to_json
from mockwb.backend.run import RunKey
from mockwb.backend.store import LineFile, Store
from mockwb.clock import Clock

SOME = 200
"""Rows that are read at once, few enough for the processor's cache. After so many others run."""
_KEPT = 4
"""Runs whose order is remembered."""

Versions = Mapping[LineFile, tuple[int, int]]
"""Of the files that rows were read from, as `Store.lines_version` tells them."""


class OrderedRows:
    """All rows of a run by step, as they were at one time."""

    def __init__(self, versions: Versions, steps: list[float], lines: list[str]) -> None:
        """`lines[i]` is a row of step `steps[i]`, as strict JSON that names its step."""
        self.versions = versions
        self.steps = steps
        self.lines = lines
        self.history_keys: dict[str, Any] | None = None
        """What `History.keys` made of them, once it was asked."""

    def between(self, first: float | None, last: float | None) -> range:
        """Places of rows with steps from `first` to `last`, both inclusive; None: no bound."""
        stop = len(self.steps) if last is None else bisect_right(self.steps, last)
        return range(self._start(first), stop)

    def before(self, first: float | None, end: float | None) -> range:
        """As `between`, without the rows of step `end`."""
        stop = len(self.steps) if end is None else bisect_left(self.steps, end)
        return range(self._start(first), stop)

    def _start(self, first: float | None) -> int:
        return 0 if first is None else bisect_left(self.steps, first)


class RowOrder:
    """Puts rows in order, and remembers the order for the runs read last."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock
        self._kept: dict[RunKey, OrderedRows] = {}

    async def of_run(self, key: RunKey) -> OrderedRows:
        """All rows of all writers by step; rows without one are numbered by their time."""
        versions = {
            file: await self._store.lines_version(file)
            for file in await self._store.line_files(*key)
            if file.name == HISTORY
        }
        ordered = self._kept.pop(key, None)
        if ordered is None or ordered.versions != versions:
            ordered = await self._sorted(versions)
        self._kept[key] = ordered
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return ordered

    async def _sorted(self, versions: Versions) -> OrderedRows:
        steps: list[float] = []
        rows: list[str] = []
        stepless: list[tuple[float, str]] = []
        for file in versions:
            lines = [line for line in await self._store.read_lines(file) if line is not None]
            for start in range(0, len(lines), SOME):
                await self._clock.sleep(0)
                chunk = _readable(lines[start : start + SOME])
                orders = _orders(chunk)
                numbers = [order.step for order in orders if order.step is not None]
                if len(numbers) == len(chunk):
                    steps += numbers
                    rows += chunk
                    continue
                for order, line in zip(orders, chunk, strict=True):
                    if order.step is None:
                        stepless.append((order.timestamp or 0.0, line))
                    else:
                        steps.append(order.step)
                        rows.append(line)
        stepless.sort(key=itemgetter(0))
        for step, (_, line) in enumerate(stepless):
            steps.append(step)
            rows.append(to_json({**parse_row(line), "_step": step}))
        return OrderedRows(versions, *_by_step(steps, rows))


class LineOrder(msgspec.Struct, gc=False):
    """What a line says of its place."""

    step: float | None = msgspec.field(default=None, name="_step")
    timestamp: float | None = msgspec.field(default=None, name="_timestamp")


_decoder = msgspec.json.Decoder(LineOrder)
_list_decoder = msgspec.json.Decoder(list[LineOrder])


def order_of(line: str) -> LineOrder:
    """The place of a line of history or events; without step and time if it is no JSON object."""
    try:
        return _decoder.decode(line)
    except msgspec.MsgspecError:
        return _order_leniently(line)


def _orders(lines: Sequence[str]) -> list[LineOrder]:
    try:
        return _list_decoder.decode(joined(lines))
    except msgspec.MsgspecError:
        return [order_of(line) for line in lines]


def _order_leniently(line: str) -> LineOrder:
    try:
        row = parse_row(line)
    except InvalidError:
        return LineOrder()
    found = [row.get("_step"), row.get("_timestamp")]
    return LineOrder(*[float(v) if isinstance(v, int | float) else None for v in found])


def _readable(lines: Sequence[str]) -> Sequence[str]:
    """The lines themselves, or strict JSON where they hold bare NaN or Infinity."""
    if not may_hold_specials("".join(lines)):
        return lines
    return [readable(line) for line in lines]


def readable(line: str) -> str:
    """The line itself, or strict JSON where it holds bare NaN or Infinity."""
    if not may_hold_specials(line):
        return line
    try:
        return to_json(parse_row(line))
    except InvalidError:
        return line


def _by_step(steps: list[float], lines: list[str]) -> tuple[list[float], list[str]]:
    if all(map(le, steps, islice(steps, 1, None))):
        return steps, lines
    order = sorted(range(len(steps)), key=steps.__getitem__)  # stable: equal steps stay as they are
    return [steps[place] for place in order], [lines[place] for place in order]
