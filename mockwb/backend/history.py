"""Reading a run's history back: whole rows, rows of chosen keys, and system metrics.

Lines are kept as they came; they are understood here, when somebody asks.
"""

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS, HISTORY
from mockwb.backend.history_keys import HistoryKeys, lookup
from mockwb.backend.history_row import parse_row
from mockwb.backend.json_text import may_hold_specials, to_json, without_specials
from mockwb.backend.run import RunKey
from mockwb.backend.sampling import sampled
from mockwb.backend.store import LineFile, Store
from mockwb.clock import Clock

BREATH = 5000
"""Rows after which a long read lets other requests run."""


class HistorySpec(msgspec.Struct, frozen=True, rename="camel"):
    """Which rows and keys of the history somebody wants."""

    keys: list[str] = []
    samples: int | None = None
    min_step: float | None = None
    """Inclusive."""
    max_step: float | None = None
    """Inclusive too, unlike in `rows`."""


class Row(NamedTuple):
    """One row that has been stored."""

    step: float
    line: str
    numbered: bool
    """The client named no step, so the server did (shared mode of some SDK versions)."""


class _Order(msgspec.Struct):
    step: float | None = msgspec.field(default=None, name="_step")
    timestamp: float | None = msgspec.field(default=None, name="_timestamp")


_spec_decoder = msgspec.json.Decoder(HistorySpec)
_order_decoder = msgspec.json.Decoder(_Order)


class History:
    """Reads history and events of runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock

    async def count(self, key: RunKey, name: str, writer: str = "") -> int:
        """Lines of a streamed file: those of one writer, or without a name of all together."""
        files = await self._files(key, name)
        chosen = [file for file in files if file.writer == writer] if writer else files
        return sum([await self._store.count_lines(file) for file in chosen])

    async def tail(self, key: RunKey, name: str, writer: str = "") -> str | None:
        """The last line of a streamed file of one writer; None if there is none."""
        file = LineFile(*key, writer, name)
        count = await self._store.count_lines(file)
        lines = await self._store.read_lines(file, count - 1) if count else []
        return _readable(lines[-1]) if lines and lines[-1] is not None else None

    async def rows(
        self,
        key: RunKey,
        samples: int | None = None,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> list[str]:
        """Rows as JSON text in order of step: `min_step` inclusive, `max_step` exclusive."""
        chosen = [
            row
            for row in await self._ordered(key)
            if (min_step is None or row.step >= min_step)
            and (max_step is None or row.step < max_step)
        ]
        return [_text(row) for row in sampled(chosen, samples)]

    async def chosen_keys(self, key: RunKey, spec: HistorySpec) -> list[dict[str, Any]]:
        """Rows that hold all keys of `spec`, cut down to these keys, in order of step."""
        if not spec.keys:
            return []
        found: list[dict[str, Any]] = []
        async for row, values in self._parsed(key):
            if spec.min_step is not None and row.step < spec.min_step:
                continue
            if spec.max_step is not None and row.step > spec.max_step:
                continue
            picked = {name: lookup(values, name) for name in spec.keys}
            if all(holds for holds, _ in picked.values()):
                found.append({n: without_specials(value) for n, (_, value) in picked.items()})
        return list(sampled(found, spec.samples))

    async def keys(self, key: RunKey) -> dict[str, Any] | None:
        """What was logged under each key; None for a run without history."""
        keys = HistoryKeys()
        async for row, values in self._parsed(key):
            keys.add(row.step, values)
        return keys.as_json()

    async def first_step(self, key: RunKey) -> float | None:
        """The lowest step; None for a run without history."""
        rows = await self._ordered(key)
        return rows[0].step if rows else None

    async def events(self, key: RunKey, samples: int | None = None) -> list[str]:
        """System metrics as JSON text, in order of time."""
        lines: list[str] = []
        for file in await self._files(key, EVENTS):
            lines += [line for line in await self._store.read_lines(file) if line is not None]
        lines.sort(key=lambda line: _order(line).timestamp or 0.0)
        return [_readable(line) for line in sampled(lines, samples)]

    async def latest_event(self, key: RunKey) -> str | None:
        """The newest system metrics as JSON text; None if there are none."""
        events = await self.events(key, 1)
        return events[-1] if events else None

    async def _parsed(self, key: RunKey) -> AsyncIterator[tuple[Row, dict[str, Any]]]:
        for number, row in enumerate(await self._ordered(key)):
            if number % BREATH == BREATH - 1:
                await self._clock.sleep(0)
            try:
                values = parse_row(row.line)
            except InvalidError:  # rows are checked when they come; this one cannot be shown
                continue
            if row.numbered:
                values["_step"] = int(row.step)
            yield row, values

    async def _ordered(self, key: RunKey) -> list[Row]:
        """All rows of all writers by step; rows without one are numbered by their time."""
        rows: list[Row] = []
        stepless: list[tuple[float, str]] = []
        for file in await self._files(key, HISTORY):
            for number, line in enumerate(await self._store.read_lines(file)):
                if number % BREATH == BREATH - 1:
                    await self._clock.sleep(0)
                if line is None:
                    continue
                order = _order(line)
                if order.step is None:
                    stepless.append((order.timestamp or 0.0, line))
                else:
                    rows.append(Row(order.step, line, numbered=False))
        stepless.sort(key=lambda entry: entry[0])
        rows += [Row(step, line, numbered=True) for step, (_, line) in enumerate(stepless)]
        rows.sort(key=lambda row: row.step)
        return rows

    async def _files(self, key: RunKey, name: str) -> list[LineFile]:
        return [file for file in await self._store.line_files(*key) if file.name == name]


def parse_spec(text: str) -> HistorySpec:
    """The spec in a JSON text; InvalidError if it is none."""
    try:
        return _spec_decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise InvalidError(f"history spec: {error}") from error


def _order(line: str) -> _Order:
    try:
        return _order_decoder.decode(line)
    except msgspec.MsgspecError:
        return _order_leniently(line)


def _order_leniently(line: str) -> _Order:
    try:
        row = parse_row(line)
    except InvalidError:
        return _Order()
    found = [row.get("_step"), row.get("_timestamp")]
    return _Order(*[float(v) if isinstance(v, int | float) else None for v in found])


def _text(row: Row) -> str:
    if not row.numbered:
        return _readable(row.line)
    return to_json({**parse_row(row.line), "_step": int(row.step)})


def _readable(line: str) -> str:
    """The line itself, or strict JSON where it holds bare NaN or Infinity."""
    if not may_hold_specials(line):
        return line
    try:
        return to_json(parse_row(line))
    except InvalidError:
        return line
