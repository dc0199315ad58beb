"""What is to be known of history rows besides their content, gathered while each is read once.

`file_stream` reads every chunk of history with it, on the hottest path of the server: a flat row
with the keys of the row before it costs one list and one comparison beyond its decoding.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.history_row import INTERNAL_KEYS, MAX_DEPTH, decode_strictly, parse_row
from mockwb.logged_rows import WEIGHED_FROM, LargeValue, LoggedRows, Second, Shape

_PER_KEY = 50
"""Bytes per key that are put down to names and numbers when a row is judged by its length."""
_LONG = 1_000_000
"""Bytes from which on a row is weighed however many keys it has."""
_MOST_LARGE = 5
"""Large values that are told of one request."""
_LATEST = 10**11
"""Seconds since the Unix epoch that timestamps must be below."""


class RowFacts:
    """The rows of one chunk, before it is known which of them are new."""

    __slots__ = ("_large", "_lines", "_shapes", "_times", "_videos")

    def __init__(self, lines: Sequence[str], first: int, file: str) -> None:
        """Read `lines`, the lines `first`, `first` + 1, ... of `file`.

        InvalidError names file and line if one is no JSON object, or nested too deeply.
        """
        self._lines = lines
        self._shapes: list[Shape] = []
        self._times: list[Any] = []
        self._videos: dict[int, int] | None = None
        self._large: dict[int, list[LargeValue]] | None = None
        try:
            self._read()
        except InvalidError as error:
            raise InvalidError(f"{file}: line {first + len(self._shapes)}: {error}") from error

    def of_all(self) -> LoggedRows:
        """The facts of all rows."""
        if len(self._lines) > 1:
            return self._facts(range(len(self._lines)))
        # Most requests of slow loops have one row.
        points, largest, at = len(self._shapes[0]), len(self._lines[0]), _second(self._times[0])
        if largest > WEIGHED_FROM:
            largest = _size(self._lines[0])
        seconds = {at: Second(1, points)}
        facts = LoggedRows(1, points, self._shapes, seconds, self._times, largest)
        if self._videos or self._large:
            self._add_rare(facts, (0,))
        return facts

    def of_lines(self, lines: Iterable[str]) -> LoggedRows:
        """The facts of some of the rows, by their lines."""
        by_line = {line: number for number, line in enumerate(self._lines)}
        return self._facts([by_line[line] for line in lines])

    def _read(self) -> None:
        shapes, times = self._shapes, self._times
        keys: list[str] | None = None
        shape: Shape = ()
        for line in self._lines:
            try:
                row = decode_strictly(line)
            except (msgspec.DecodeError, RecursionError):
                row = parse_row(line)
            if line.find("{", 1) < 0:  # nothing is nested, as in nearly all rows
                found = [*row]
                if found != keys:
                    keys, shape = found, _shape(tuple(found))
                shapes.append(shape)
            else:
                shapes.append(self._flattened(row))
            times.append(row.get("_timestamp"))
            if len(line) > WEIGHED_FROM:
                self._weigh(line, row)

    def _flattened(self, row: dict[str, Any]) -> Shape:
        """The shape of a row with dicts in it, whose videos are noted on the way."""
        names: list[str] = []
        videos = _flatten(row, "", names, 0)
        if videos:
            self._videos = self._videos or {}
            self._videos[len(self._shapes)] = videos
        return _shape(tuple(names))

    def _weigh(self, line: str, row: dict[str, Any]) -> None:
        """Note large values, unless the row is long by nothing but the number of its keys."""
        if len(line) - _PER_KEY * len(row) <= WEIGHED_FROM and len(line) < _LONG:
            return
        found: list[LargeValue] = []
        _weigh_each(row, "", found)
        if found:
            self._large = self._large or {}
            self._large[len(self._shapes) - 1] = found

    def _facts(self, numbers: Sequence[int]) -> LoggedRows:
        if not numbers:
            return LoggedRows()
        if len(numbers) == len(self._lines):
            lines, shapes, times = self._lines, self._shapes, self._times
        else:
            lines = [self._lines[number] for number in numbers]
            shapes = [self._shapes[number] for number in numbers]
            times = [self._times[number] for number in numbers]
        distinct = list({id(shape): shape for shape in shapes}.values())
        points, largest = sum(map(len, shapes)), max(map(len, lines))
        facts = LoggedRows(
            len(lines),
            points,
            distinct,
            _by_second(times, shapes, points),
            times,
            largest if largest <= WEIGHED_FROM else max(map(_size, lines)),
        )
        if self._videos or self._large:
            self._add_rare(facts, numbers)
        return facts

    def _add_rare(self, facts: LoggedRows, numbers: Sequence[int]) -> None:
        """Add videos and large values, which few rows have."""
        large: dict[str, int] = {}
        for number in numbers:
            videos = self._videos.get(number) if self._videos else None
            if videos:
                facts.with_video = True
                facts.seconds[_second(self._times[number])].video_bytes += videos
            for key, size in self._large.get(number, ()) if self._large else ():
                large[key] = max(size, large.get(key, 0))
        biggest = sorted(large.items(), key=lambda item: -item[1])[:_MOST_LARGE]
        facts.large_values = [LargeValue(*item) for item in biggest]


@lru_cache(maxsize=256)
def _shape(names: tuple[str, ...]) -> Shape:
    """Without the SDK's own keys. The same object for the same names, as long as it is cached."""
    return tuple([name for name in names if name not in INTERNAL_KEYS])


def _by_second(
    times: Sequence[Any], shapes: Sequence[Shape], points: int
) -> dict[int | None, Second]:
    try:
        first, last = _second(min(times)), _second(max(times))
    except TypeError:  # some have none, or text
        pass
    else:
        if first == last:
            return {first: Second(len(times), points)}
    seconds: dict[int | None, Second] = {}
    for time, shape in zip(times, shapes, strict=True):
        at = _second(time)
        second = seconds.get(at)
        if second is None:
            second = seconds[at] = Second()
        second.rows += 1
        second.points += len(shape)
    return seconds


def _second(time: Any) -> int | None:
    if type(time) in (float, int) and 0 <= time < _LATEST:
        return int(time)
    return None


def _flatten(values: dict[str, Any], prefix: str, names: list[str], depth: int) -> int:
    """Add the dotted names of `values` to `names`; the bytes of the videos in it.

    Lists, strings and media (objects with `_type`) count as one value each (W&B docs, Experiments
    limits and performance).
    """
    if depth > MAX_DEPTH:
        raise InvalidError(f"dicts nested more than {MAX_DEPTH} deep")
    videos = 0
    for key, value in values.items():
        if type(value) is not dict:
            names.append(prefix + key)
        elif "_type" in value:
            names.append(prefix + key)
            videos += _video_bytes(value)
        else:
            videos += _flatten(value, f"{prefix}{key}.", names, depth + 1)
    return videos


def _video_bytes(media: dict[str, Any]) -> int:
    """Bytes of a video, or of a list of them (wandb/sdk/data_types/video.py)."""
    kind = media["_type"]
    if kind == "video-file":
        size = media.get("size")
        return size if type(size) is int and size > 0 else 0
    listed = media.get("videos") if kind == "videos" else None
    if not isinstance(listed, list):
        return 0
    return sum(_video_bytes(one) for one in listed if isinstance(one, dict) and "_type" in one)


def _weigh_each(values: dict[str, Any], prefix: str, found: list[LargeValue]) -> None:
    """Add what of `values` is large by itself."""
    for key, value in values.items():
        kind = type(value)
        if kind is dict:
            if "_type" not in value:
                _weigh_each(value, f"{prefix}{key}.", found)
        elif kind is list or (kind is str and len(value) >= WEIGHED_FROM // 10):
            size = len(msgspec.json.encode(value))
            if size >= WEIGHED_FROM // 10:
                found.append(LargeValue(prefix + key, size))


def _size(line: str) -> int:
    """Bytes of a line as UTF-8."""
    return len(line) if line.isascii() else len(line.encode("utf-8", "surrogatepass"))
