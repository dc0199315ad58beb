"""The lines a run streams: what a source of them is, and the one for rows that somebody logs.

`FileStream` asks a source what has arrived and cuts chunks from it.
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol


class Chunk(NamedTuple):
    """Consecutive lines taken for one request."""

    lines: int
    size: int
    """Bytes of `encode()`."""
    encode: Callable[[], str]
    """Makes the lines as JSON strings, parted by commas; ASCII, the same each time."""
    values: int = 0
    """Logged points in the lines: metrics in all rows, without `_` keys."""


class Summary(NamedTuple):
    """A run's summary, a JSON object that is not written yet."""

    size: int
    """Bytes of it."""
    encoded_size: int
    """Bytes of it as a JSON string, quotes included."""
    write: Callable[[], str]
    """Makes it; ASCII, the same each time."""

    @classmethod
    def of(cls, text: str) -> "Summary":
        """One that is there already."""
        return cls(len(text), len(json.dumps(text)), lambda: text)


class LineSource(Protocol):
    """Where the lines of one streamed file come from. Line numbers count from 0."""

    def begin(self, now: float, wall: float) -> None:
        """The run exists from `now` on, which is `wall` seconds since the epoch."""
        ...

    def stop(self, now: float) -> None:
        """Nothing arrives after `now`."""
        ...

    def arrived(self, now: float) -> int:
        """Lines there are at `now`."""
        ...

    def arrival(self, line: int) -> float:
        """When that line arrives or arrived; infinity if that is unknown or never."""
        ...

    def full_at(self, first: int, size: int) -> float:
        """When the lines from `first` on come to `size` bytes; infinity if that is unknown."""
        ...

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Lines from `first` on, before `stop`, up to `max_size` bytes but at least one."""
        ...


class RowSource(LineSource, Protocol):
    """Where the history comes from, and with it the summary."""

    def values(self, now: float) -> int:
        """Logged points there are at `now`: metrics in all rows, without `_` keys."""
        ...

    def summary(self, count: int, runtime: float) -> Summary:
        """The run's summary after `count` lines, `runtime` seconds into the run."""
        ...


class PlannedRows(RowSource, Protocol):
    """A history that is known in advance."""

    def last_arrival(self) -> float:
        """When the last row arrives, or the run begins if there are none; infinity if never."""
        ...


class ConsoleSource(LineSource, Protocol):
    """What the process writes; its lines wait until choose() says what they look like."""

    def choose(self, now: float, *, structured: bool) -> None:
        """The server takes lines as JSON objects, or as mere text."""
        ...


class LoggedLines:
    """Rows that somebody logs, one call each; each is kept until a request takes it."""

    __slots__ = (
        "_count",
        "_first",
        "_lines",
        "_summary",
        "_values",
        "_waiting_size",
        "max_line_size",
    )

    def __init__(self, max_line_size: int = 10_383_360) -> None:
        self.max_line_size = max_line_size
        self._first = 0
        self._count = 0
        self._lines: list[tuple[float, str, int]] = []
        self._waiting_size = 0
        self._summary: dict[str, Any] = {}
        self._values = 0

    def log(self, now: float, row: Mapping[str, Any]) -> bool:
        """Add a row; False if it is longer than the SDK takes. Its values go to the summary."""
        self._summary.update(row)
        line = json.dumps(row, separators=(",", ":"))
        if len(line) > self.max_line_size:
            return False
        values = _leaves(row)
        self._values += values
        self._lines.append((now, line, values))
        self._count += 1
        self._waiting_size += len(line)
        return True

    def begin(self, now: float, wall: float) -> None:
        """Do nothing: rows come with their own times."""

    def stop(self, now: float) -> None:
        """Do nothing: whoever logs stops by himself."""

    def arrived(self, now: float) -> int:
        """Rows logged so far."""
        return self._count

    def arrival(self, line: int) -> float:
        """When a row was logged; infinity for one that was not yet."""
        return self._lines[line - self._first][0] if line < self._count else math.inf

    def full_at(self, first: int, size: int) -> float:
        """When the last row came, if those that wait come to `size` bytes."""
        return self._lines[-1][0] if self._waiting_size >= size else math.inf

    def cut(self, first: int, stop: int, max_size: int) -> Chunk:
        """Take and forget; `first` is always the oldest line kept."""
        taken, size = 0, 0
        for _, line, _ in self._lines[: stop - first]:
            if taken and size + len(line) > max_size:
                break
            size += len(line)
            taken += 1
        text = ",".join(json.dumps(line) for _, line, _ in self._lines[:taken])
        values = sum(values for _, _, values in self._lines[:taken])
        del self._lines[:taken]
        self._first += taken
        self._waiting_size -= size
        return Chunk(taken, len(text), lambda: text, values)

    def values(self, now: float) -> int:
        """Logged points so far."""
        return self._values

    def summary(self, count: int, runtime: float) -> Summary:
        """The last value of each key."""
        whole = self._summary | {"_wandb": {"runtime": int(runtime)}}
        return Summary.of(json.dumps(whole | {"_runtime": runtime}, separators=(",", ":")))


def _leaves(row: Mapping[str, Any]) -> int:
    """Values in nested dicts, without the keys that the SDK adds to a row."""
    return sum(
        _leaves(value) if isinstance(value, Mapping) else 1
        for key, value in row.items()
        if not key.startswith("_")
    )
