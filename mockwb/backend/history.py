"""Reading a run's history back: whole rows, rows of chosen keys, and system metrics.

Lines are kept as they came; they are understood here, when somebody asks.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS
from mockwb.backend.history_keys import HistoryKeys, lookup
from mockwb.backend.history_row import parse_row, parse_rows
from mockwb.backend.row_order import SOME, RowOrder, order_of, readable
from mockwb.backend.run import RunKey
from mockwb.backend.sampling import sampled, sampled_steps
from mockwb.backend.store import INHERITED, LineFile, Store
from mockwb.clock import Clock


class HistorySpec(msgspec.Struct, frozen=True, rename="camel"):
    """Which rows and keys of the history somebody wants."""

    keys: list[str] = []
    samples: int | None = None
    min_step: float | None = None
    """Inclusive."""
    max_step: float | None = None
    """Inclusive too, unlike in `rows`."""

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """First and last step."""
        return self.min_step, self.max_step


_spec_decoder = msgspec.json.Decoder(HistorySpec)


class History:
    """Reads history and events of runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Read from `store`."""
        self._store = store
        self._clock = clock
        self._order = RowOrder(store, clock)

    async def count(self, key: RunKey, name: str, writer: str = "") -> int:
        """Lines of a streamed file: those of one writer, or without a name of all together.

        What a fork has from its parent does not count: its client begins at line 0.
        """
        files = [file for file in await self._files(key, name) if file.writer != INHERITED]
        chosen = [file for file in files if file.writer == writer] if writer else files
        return sum([await self._store.count_lines(file) for file in chosen])

    async def tail(self, key: RunKey, name: str, writer: str = "") -> str | None:
        """The last line of a streamed file of one writer; None if there is none."""
        file = LineFile(*key, writer, name)
        count = await self._store.count_lines(file)
        lines = await self._store.read_lines(file, count - 1) if count else []
        return readable(lines[-1]) if lines and lines[-1] is not None else None

    async def rows(
        self,
        key: RunKey,
        samples: int | None = None,
        min_step: int | None = None,
        max_step: int | None = None,
    ) -> list[str]:
        """Rows as JSON text in order of step: `min_step` inclusive, `max_step` exclusive."""
        ordered = await self._order.of_run(key)
        places = ordered.before(min_step, max_step)
        chosen = sampled_steps(places, samples, ordered.steps.__getitem__)
        return [ordered.lines[place] for place in chosen]

    async def chosen_keys(self, key: RunKey, spec: HistorySpec) -> list[dict[str, Any]]:
        """Rows that hold all keys of `spec`, cut down to these keys, in order of step."""
        if not spec.keys:
            return []
        steps: list[float] = []
        found: list[dict[str, Any]] = []
        ordered = await self._order.of_run(key)
        async for places in self._some(ordered.between(*spec.bounds)):
            rows = parse_rows(ordered.lines[places.start : places.stop])
            for place, values in zip(places, rows, strict=True):
                picked = _picked(values, spec.keys)
                if picked is not None:
                    steps.append(ordered.steps[place])
                    found.append(picked)
        return [found[n] for n in sampled_steps(range(len(found)), spec.samples, steps.__getitem__)]

    async def keys(self, key: RunKey) -> dict[str, Any] | None:
        """What was logged under each key; None for a run without history."""
        ordered = await self._order.of_run(key)
        if ordered.history_keys is None and ordered.steps:
            keys = HistoryKeys()
            async for places in self._some(range(len(ordered.steps))):
                keys.add_lines(ordered.lines[places.start : places.stop])
            ordered.history_keys = keys.as_json(ordered.steps[-1])
        return ordered.history_keys

    async def all_rows(self, key: RunKey) -> Sequence[str]:
        """Every row as JSON text, in order of step."""
        return (await self._order.of_run(key)).lines

    async def first_step(self, key: RunKey) -> float | None:
        """The lowest step; None for a run without history."""
        steps = (await self._order.of_run(key)).steps
        return steps[0] if steps else None

    async def events(self, key: RunKey, samples: int | None = None) -> list[str]:
        """System metrics as JSON text, in order of time."""
        lines: list[str] = []
        for file in await self._files(key, EVENTS):
            lines += [line for line in await self._store.read_lines(file) if line and _is_row(line)]
        lines.sort(key=lambda line: order_of(line).timestamp or 0.0)
        return [readable(line) for line in sampled(lines, samples)]

    async def latest_event(self, key: RunKey) -> str | None:
        """The newest system metrics as JSON text; None if there are none."""
        events = await self.events(key, 1)
        return events[-1] if events else None

    async def _some(self, places: range) -> AsyncIterator[range]:
        """The places, some at a time; others are served between."""
        for start in range(0, len(places), SOME):
            if start:
                await self._clock.sleep(0)
            yield places[start : start + SOME]

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


def _picked(values: dict[str, Any], keys: Sequence[str]) -> dict[str, Any] | None:
    """The values of `keys`; None if one is not there."""
    picked = {}
    for name in keys:
        holds, value = (True, values[name]) if name in values else lookup(values, name)
        if not holds:
            return None
        picked[name] = value
    return picked
