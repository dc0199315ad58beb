"""The history of a virtual run whose rows `logging_shape` describes.

Rows are made only when a request is put on the wire, and nothing is kept of them: how many there
are, when each comes and how long some are together is arithmetic, so that thousands of runs cost
next to nothing between requests.
"""

import json
import math
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import NamedTuple

from mockwb.sdkmodel.handed_files import HandedFile
from mockwb.sdkmodel.lines import Chunk, Summary
from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.requests import LargeContent

_HEAD = '{{"_step":{},"_timestamp":{:.15e},"_runtime":{:.9e}'
_HEAD_SIZE = len(_HEAD.format("", 1.0, 1.0)) + len("}")
_HEAD_QUOTES = 6
_OWN_QUOTES = 4
"""In what the SDK itself adds to a summary."""
_MOST_DIGITS = 20
"""Of a row's number."""


class ShapedLines:
    """A source of history rows; see `lines.PlannedRows` for what it answers."""

    __slots__ = (
        "_began",
        "_client",
        "_cut_off",
        "_sizes",
        "_start",
        "_steady",
        "_values",
        "_wall_offset",
        "count",
        "pace",
        "shape",
    )

    def __init__(
        self, shape: Shape, pace: Pace, *, count: float = math.inf, client: int = 0
    ) -> None:
        """Make the first `count` rows of client number `client`."""
        if pace.period <= 0 and math.isinf(count):
            raise ValueError("rows without a pause need a count")
        self.shape = shape
        self.pace = pace
        self.count = count
        self._client = client
        self._cut_off = 0, 0
        """Where the last chunk ended, and how long all rows before that are as JSON strings."""
        self._sizes = _sizes_of(shape)
        self._values = shape.values
        self._began = self._start = math.inf
        self._wall_offset = 0.0
        self._steady = 0.0
        """Seconds from each row to the next, if it is always the same and known by now."""

    def begin(self, now: float, wall: float) -> None:
        """The run exists from `now` on, which is `wall` seconds since the epoch."""
        self._began = now
        self.pace = self.pace.joined(wall)
        self._start = now + self.pace.wait(wall)
        if self.pace.burst == 1 and not self.pace.jitter:
            self._steady = self.pace.period
        self._wall_offset = wall - now

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`."""
        self.count = self.arrived(now)

    def arrived(self, now: float) -> int:
        """Rows there are at `now`."""
        if self._steady and now >= self._start:  # as `Pace` has it, without a call
            logged: float = int((now - self._start) / self._steady + 1e-6) + 1
        else:
            logged = self.pace.logged(now - self._start)
        return int(logged if logged < self.count else self.count)

    def arrival(self, line: int) -> float:
        """When that row arrives; infinity if never, or before the run begins."""
        if line >= self.count:
            return math.inf
        return self._start + (line * self._steady if self._steady else self.pace.offset(line))

    def last_arrival(self) -> float:
        """When the last row arrives, or the run begins if there are none; infinity if never."""
        if self.count == math.inf:
            return math.inf
        return self.arrival(int(self.count) - 1) if self.count else self._began

    def full_at(self, first: int, size: int) -> float:
        """When the rows from `first` on come to `size` bytes."""
        if (self.count - first) * self._sizes.longest < size:
            return math.inf
        enough = first + size // self._sizes.shortest + 1
        last = enough if enough < self.count else int(self.count)
        goal = self._sizes.plain(first) + size
        if self._sizes.plain(last) < goal:
            return math.inf
        rows = range(first + 1, last + 1)
        return self.arrival(first + bisect_left(rows, goal, key=self._sizes.plain))

    def values(self, now: float) -> int:
        """Logged points there are at `now`."""
        return self.shape.values(self.arrived(now))

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Rows from `first` on, before `stop`, up to `max_size` bytes but at least one."""
        sizes = self._sizes
        if (stop - first) * sizes.longest > max_size:
            goal = sizes.plain(first) + max_size
            if sizes.plain(stop) > goal:
                stops = range(first + 2, stop + 1)
                stop = first + 1 + bisect_right(stops, goal, key=sizes.plain)
        # Chunks follow on each other, so what was the end is the beginning now.
        row, before = self._cut_off
        if row != first:
            before = sizes.encoded(first)
        after = sizes.encoded(stop)
        self._cut_off = stop, after
        size = after - before - 1
        values = self._values(stop) - self._values(first)
        return Chunk(stop - first, size, lambda: self._encode(first, stop), values)

    def summary(self, count: int, runtime: float) -> Summary:
        """The run's summary after `count` rows, `runtime` seconds into the run."""
        own = f'"_wandb":{{"runtime":{int(runtime)}}}'
        if not count:
            return Summary.of(f'{{{own},"_runtime":{int(runtime)}}}')
        size, quotes = self._sizes.summary(count - 1)
        size += len(",") + len(own)
        encoded = size + quotes + _OWN_QUOTES + len('""')
        return Summary(size, encoded, lambda: self._summary(count - 1, own))

    @property
    def longest(self) -> int:
        """Bytes that no row exceeds, by little."""
        return self._sizes.longest

    def media(self, row: int) -> list[HandedFile]:
        """The files of a row."""
        return [
            HandedFile(media.path(key, row), LargeContent(media.size, media.chunks))
            for key, media in self.shape.media(row).items()
        ]

    def _summary(self, row: int, own: str) -> str:
        """The latest of each part after `row`, and all new names that there were."""
        members = []
        for part in self.shape.parts:
            latest = row - row % part.every
            rows = range(0, latest + 1, part.every) if part.new_keys else (latest,)
            members += [part.members(number, self._client) for number in rows]
        return f"{self._head(row)}{''.join(members)},{own}}}"

    def _encode(self, first: int, stop: int) -> str:
        members, client = self.shape.members, self._client
        return ",".join(
            json.dumps(f"{self._head(row)}{members(row, client)}}}") for row in range(first, stop)
        )

    def _head(self, row: int) -> str:
        """Where a row begins; of a length that depends on the row's digits alone."""
        at = self._start + self.pace.offset(row)
        return _HEAD.format(row, at + self._wall_offset, at - self._began)


class MediaFiles:
    """The images and videos in a run's rows, each there when its row is."""

    __slots__ = ("_lines", "_row")

    def __init__(self, lines: ShapedLines) -> None:
        self._lines = lines
        self._row = lines.shape.next_media(0)

    def next_at(self) -> float:
        """When the next one is there; infinity if never."""
        return self._lines.arrival(int(self._row)) if self._row < math.inf else math.inf

    def take(self, now: float) -> list[HandedFile]:
        """Those there are by now, each once."""
        taken: list[HandedFile] = []
        arrived = self._lines.arrived(now)
        while self._row < arrived:
            row = int(self._row)
            taken += self._lines.media(row)
            self._row = self._lines.shape.next_media(row + 1)
        return taken


class _Part(NamedTuple):
    """How long the members of a part are."""

    every: int
    size: int
    """Bytes, but for the row's number."""
    quotes: int
    steps: int
    """How often the row's number is in it."""
    grows: bool
    """The summary keeps all that ever were."""


class _Sizes:
    """How long the first rows of a shape are together, and their summary."""

    __slots__ = ("_encoded", "_plain", "_rest", "_summary", "longest", "shortest")

    def __init__(self, shape: Shape) -> None:
        parts = []
        for part in shape.parts:
            members, steps = part.members(0, 0), len(part.keys)
            size, quotes = len(members) - steps, members.count('"')
            parts.append(_Part(part.every, size, quotes, steps, part.new_keys > 0))
        always = [part for part in parts if part.every == 1 and not part.steps and not part.grows]
        self._rest = [part for part in parts if part not in always]
        self._plain = _HEAD_SIZE + sum(part.size for part in always)
        self._encoded = (
            self._plain + _HEAD_QUOTES + sum(part.quotes for part in always) + len('"",')
        )
        self._summary = self._plain, _HEAD_QUOTES + sum(part.quotes for part in always)
        self.shortest = self._plain + 1
        """Bytes that every row has at least."""
        rare = sum(part.size + _MOST_DIGITS * part.steps for part in self._rest)
        self.longest = self._plain + _MOST_DIGITS + rare
        """Bytes that no row exceeds."""

    def plain(self, rows: int) -> int:
        """Bytes of the first `rows` rows."""
        size = rows * self._plain + _digits(rows, 1)
        for part in self._rest:
            size += -(-rows // part.every) * part.size
            if part.steps:
                size += part.steps * _digits(rows, part.every)
        return size

    def encoded(self, rows: int) -> int:
        """Bytes of them as JSON strings with a comma after each."""
        if not self._rest:
            return rows * self._encoded + _digits(rows, 1)
        quotes = sum(-(-rows // part.every) * part.quotes for part in self._rest)
        return self.plain(rows) + rows * (self._encoded - self._plain) + quotes

    def summary(self, row: int) -> tuple[int, int]:
        """Bytes of the summary after `row`, without the SDK's own part, and quotes among them."""
        size, quotes = self._summary
        size += len(str(row))
        for part in self._rest:
            times = row // part.every + 1 if part.grows else 1
            size += times * part.size + part.steps * len(str(row - row % part.every))
            quotes += times * part.quotes
        return size, quotes


@lru_cache(maxsize=64)
def _sizes_of(shape: Shape) -> _Sizes:
    """One for all clients of a workload."""
    return _Sizes(shape)


def _digits(stop: int, every: int) -> int:
    """Decimal digits of all multiples of `every` from 0 up to, not including, `stop`."""
    multiples = -(-stop // every)
    digits, power = multiples, 10
    while power < stop:
        digits += multiples - -(-power // every)
        power *= 10
    return digits
