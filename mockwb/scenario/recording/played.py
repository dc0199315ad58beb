"""A recording as what a modelled run logs: sources of lines and files, at the recorded times.

Texts, times and sizes are the recording's, kept once for all who play it.
"""

import json
import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mockwb.scenario.recording import raw_json
from mockwb.scenario.recording.recording import Recording
from mockwb.sdkmodel.handed_files import HandedFile
from mockwb.sdkmodel.lines import Chunk, Summary
from mockwb.sdkmodel.requests import LargeContent

_CONSOLE_FILE = "output.log"
_PIECE = 256 * 1024
"""Bytes of a file that are read at once."""


class Texts:
    """Lines with their times, and how long the first of them are together."""

    __slots__ = ("encoded", "lines", "plain", "points", "times")

    def __init__(
        self, times: Sequence[float], lines: Sequence[str], points: Sequence[int] = ()
    ) -> None:
        """`points` are the logged points of each line, if those are rows."""
        self.times = times
        self.lines = lines
        self.plain = _sums(map(len, lines))
        self.encoded = _sums(len(json.dumps(line)) + len(",") for line in lines)
        self.points = _sums(points or [0] * len(lines))


class AllTexts(NamedTuple):
    """Everything of a recording that is streamed in lines."""

    rows: Texts
    system_metrics: Texts
    console: Texts
    structured_console: Texts


@lru_cache(maxsize=64)
def texts_of(recording: Recording) -> AllTexts:
    """One for all who play the recording."""
    console = recording.console
    return AllTexts(
        Texts(*recording.rows, recording.points),
        Texts(*recording.system_metrics),
        Texts(console.times, console.plain),
        Texts(console.times, console.structured),
    )


class RecordedLines:
    """A source of recorded lines; see `sdkmodel.lines.LineSource` for what it answers."""

    def __init__(self, texts: Texts, scale: float) -> None:
        """A recorded second takes `scale` seconds; with 0 everything is there at once."""
        self._texts = texts
        self._scale = scale
        self.began = math.inf
        """When the run began to exist."""
        self._count = len(texts.lines)

    def begin(self, now: float, wall: float) -> None:
        """The run exists from `now` on."""
        self.began = now

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`."""
        self._count = self.arrived(now)

    def arrived(self, now: float) -> int:
        """Lines there are at `now`."""
        since = now - self.began
        if since < 0:
            return 0
        if self._scale <= 0:
            return self._count
        # The tolerance lets a line have arrived at its own arrival() despite rounding.
        return min(self._count, bisect_right(self._texts.times, (since + 1e-6) / self._scale))

    def arrival(self, line: int) -> float:
        """When that line arrives; infinity if never, or before the run begins."""
        if line >= self._count or self.began == math.inf:
            return math.inf
        return self.began + self._texts.times[line] * self._scale

    def full_at(self, first: int, size: int) -> float:
        """When the lines from `first` on come to `size` bytes; infinity if never."""
        line = bisect_left(self._texts.plain, self._texts.plain[first] + size) - 1
        return self.arrival(max(first, line))

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Lines from `first` on, before `stop`, up to `max_size` bytes but at least one."""
        texts = self._texts
        fits = bisect_right(texts.plain, texts.plain[first] + max_size) - 1
        stop = min(stop, max(first + 1, fits))
        size = texts.encoded[stop] - texts.encoded[first] - 1
        points = texts.points[stop] - texts.points[first]
        lines = texts.lines
        return Chunk(
            stop - first,
            size,
            lambda: ",".join(json.dumps(line) for line in lines[first:stop]),
            points,
        )


class RecordedRows(RecordedLines):
    """The history of a recording; see `sdkmodel.lines.PlannedRows`."""

    def __init__(self, recording: Recording, scale: float) -> None:
        super().__init__(texts_of(recording).rows, scale)
        self._changes = recording.summary
        self._seconds = recording.seconds
        self._summary: raw_json.Tree = {}
        self._changed = 0

    def values(self, now: float) -> int:
        """Logged points there are at `now`."""
        return self._texts.points[self.arrived(now)]

    def last_arrival(self) -> float:
        """When the recorded run came to its end; infinity before this one begins."""
        return self.began + self._seconds * self._scale

    def summary(self, count: int, runtime: float) -> Summary:
        """The recorded summary after `count` rows; it never goes back."""
        all_rows = count == len(self._texts.lines)
        while self._changed < len(self._changes):
            rows_before, updates = self._changes[self._changed]
            if rows_before >= count and not all_rows:
                break
            raw_json.apply(self._summary, updates)
            self._changed += 1
        return Summary.of(raw_json.write(self._summary))


class RecordedConsole(RecordedLines):
    """Console output; which of its two forms the server wants is known later than the run's begin.

    See `sdkmodel.lines.ConsoleSource`.
    """

    def __init__(self, recording: Recording, scale: float) -> None:
        super().__init__(texts_of(recording).console, scale)
        self._structured = texts_of(recording).structured_console
        self._chosen_at = math.inf

    def choose(self, now: float, *, structured: bool) -> None:
        """Give lines as JSON objects, or as mere text; before this there are none."""
        self._chosen_at = now
        if structured:
            self._texts = self._structured

    def arrived(self, now: float) -> int:
        """Lines there are at `now`."""
        return super().arrived(now) if now >= self._chosen_at else 0

    def arrival(self, line: int) -> float:
        """When that line arrives; infinity if never, or not known yet."""
        return max(super().arrival(line), self._chosen_at)

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`; what was written before still waits to be chosen."""
        self._count = super().arrived(now)


class RecordedFiles:
    """The files that a recorded run handed over, as they lie next to the recording now."""

    def __init__(self, recording: Recording, rows: RecordedRows, scale: float) -> None:
        self._folder = recording.folder
        self._rows = rows
        self._scale = scale
        self._files = list(reversed([*recording.files, (recording.seconds, _CONSOLE_FILE)]))
        self._taken: set[str] = set()

    def next_at(self) -> float:
        """When the next file is there; infinity if there is no further one."""
        if not self._files:
            return math.inf
        return self._rows.began + self._files[-1][0] * self._scale

    def take(self, now: float) -> list[HandedFile]:
        """The files that came by now, each once."""
        taken = []
        while self.next_at() <= now:
            _, pattern = self._files.pop()
            for path in _found(self._folder, pattern):
                name = path.relative_to(self._folder).as_posix()
                if name not in self._taken:
                    self._taken.add(name)
                    taken.append(HandedFile(name, _content(path)))
        return taken


def _content(path: Path) -> LargeContent:
    """A file as it is now; should it shrink meanwhile, its upload fails."""

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    return LargeContent(path.stat().st_size, pieces)


def _found(folder: Path, pattern: str) -> list[Path]:
    """The files in a folder that a path or a pattern names; those outside of it are left alone."""
    if not pattern or pattern.startswith(("/", "..")) or "/../" in pattern:
        return []
    return sorted(path for path in folder.glob(pattern) if path.is_file())


def _sums(amounts: Iterable[int]) -> "array[int]":
    """What the first so many come to, from none to all."""
    sums, total = array("q", [0]), 0
    for amount in amounts:
        total += amount
        sums.append(total)
    return sums
