"""Reading a run's history back: whole rows, rows of chosen keys, and system metrics.

Lines are kept as they came; they are understood here, when somebody asks.
"""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS
from mockwb.backend.history_keys import HistoryKeys, lookup
from mockwb.backend.history_row import parse_row
from mockwb.backend.json_text import may_hold_specials, to_json, without_specials
from mockwb.backend.row_order import BREATH, Row, RowOrder, order_of
from mockwb.backend.run import RunKey
from mockwb.backend.sampling import sampled, sampled_steps
from mockwb.backend.store import LineFile, Store
from mockwb.clock import Clock


class HistorySpec(msgspec.Struct, frozen=True, rename="camel"):
    """Which rows and keys of the history somebody wants."""

    keys: list[str] = []
    samples: int | None = None
    min_step: float | None = None
    """Inclusive."""
    max_step: float | None = None
    """Inclusive too, unlike in `rows`."""


_spec_decoder = msgspec.json.Decoder(HistorySpec)


class History:
    """Reads history and events of runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock
        self._order = RowOrder(store, clock)

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
        ordered = await self._order.of_run(key)
        chosen = ordered.before(min_step, max_step)
        return [_text(row) for row in sampled_steps(chosen, samples, lambda row: row.step)]

    async def chosen_keys(self, key: RunKey, spec: HistorySpec) -> list[dict[str, Any]]:
        """Rows that hold all keys of `spec`, cut down to these keys, in order of step."""
        if not spec.keys:
            return []
        found: list[tuple[float, dict[str, Any]]] = []
        ordered = await self._order.of_run(key)
        async for row, values in self._parsed(ordered.between(spec.min_step, spec.max_step)):
            picked = {name: lookup(values, name) for name in spec.keys}
            if all(holds for holds, _ in picked.values()):
                chosen = {name: without_specials(value) for name, (_, value) in picked.items()}
                found.append((row.step, chosen))
        chosen_rows = sampled_steps(found, spec.samples, lambda entry: entry[0])
        return [chosen for _, chosen in chosen_rows]

    async def keys(self, key: RunKey) -> dict[str, Any] | None:
        """What was logged under each key; None for a run without history."""
        ordered = await self._order.of_run(key)
        if ordered.history_keys is None:
            keys = HistoryKeys()
            async for row, values in self._parsed(ordered.rows):
                keys.add(row.step, values)
            ordered.history_keys = keys.as_json()
        return ordered.history_keys

    async def first_step(self, key: RunKey) -> float | None:
        """The lowest step; None for a run without history."""
        rows = (await self._order.of_run(key)).rows
        return rows[0].step if rows else None

    async def events(self, key: RunKey, samples: int | None = None) -> list[str]:
        """System metrics as JSON text, in order of time."""
        lines: list[str] = []
        for file in await self._files(key, EVENTS):
            lines += [line for line in await self._store.read_lines(file) if line and _is_row(line)]
        lines.sort(key=lambda line: order_of(line).timestamp or 0.0)
        return [_readable(line) for line in sampled(lines, samples)]

    async def latest_event(self, key: RunKey) -> str | None:
        """The newest system metrics as JSON text; None if there are none."""
        events = await self.events(key, 1)
        return events[-1] if events else None

    async def _parsed(self, rows: Iterable[Row]) -> AsyncIterator[tuple[Row, dict[str, Any]]]:
        for number, row in enumerate(rows):
            if number % BREATH == BREATH - 1:
                await self._clock.sleep(0)
            try:
                values = parse_row(row.line)
            except InvalidError:  # rows are checked when they come; this one cannot be shown
                continue
            if row.numbered:
                values["_step"] = int(row.step)
            yield row, values

    async def _files(self, key: RunKey, name: str) -> list[LineFile]:
        return [file for file in await self._store.line_files(*key) if file.name == name]


def parse_spec(text: str) -> HistorySpec:
    """The spec in a JSON text; InvalidError if it is none."""
    try:
        return _spec_decoder.decode(text)
    except msgspec.MsgspecError as error:
        raise InvalidError(f"history spec: {error}") from error


def _is_row(line: str) -> bool:
    """Whether a line can be shown; those of events are not checked when they come."""
    try:
        parse_row(line)
    except InvalidError:
        return False
    return True


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
