"""A past run, as its `.wandb` file tells it.

Only what a replay needs is read, by the numbers of wandb/proto/wandb_internal.proto. It is kept
once for all clients that play it.
"""

import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from mockwb.scenario.recording import protobuf, raw_json
from mockwb.scenario.recording.console_text import ConsoleText
from mockwb.scenario.recording.log_file import LogFile, RecordingError
from mockwb.scenario.recording.raw_json import Tree, Update

_HISTORY, _SUMMARY, _OUTPUT, _CONFIG, _FILES, _STATS, _OUTPUT_RAW, _RUN, _EXIT = (
    *(2, 3, 4, 5, 6, 7, 13),
    *(17, 18),
)
_OWN_KEYS = ("_step", "_timestamp", "_runtime")


class Timed(NamedTuple):
    """Texts that came one after the other."""

    times: "array[float]"
    """Seconds since the run began; they never go back."""
    texts: list[str]

    @classmethod
    def none(cls) -> "Timed":
        """Without any yet."""
        return cls(array("d"), [])

    def add(self, time: float, text: str) -> None:
        """One more."""
        self.times.append(max(time, self.times[-1]) if self.times else max(0.0, time))
        self.texts.append(text)


@dataclass(eq=False)
class Recording:
    """What one `.wandb` file holds."""

    path: Path
    about: dict[str, Any] = field(default_factory=dict)
    """What UpsertBucket says of the run besides its config, by the names of its variables."""
    config: dict[str, Any] = field(default_factory=dict)
    """As it was at the end, without the SDK's own part."""
    rows: Timed = field(default_factory=Timed.none)
    points: list[int] = field(default_factory=list)
    """Logged points of each row."""
    summary: list[tuple[int, list[Update]]] = field(default_factory=list)
    """Changes, each with the number of rows before it."""
    system_metrics: Timed = field(default_factory=Timed.none)
    console: ConsoleText = field(default_factory=ConsoleText)
    files: list[tuple[float, str]] = field(default_factory=list)
    """When a file was handed over, and its path among the run's files, which may be a pattern."""
    exit_code: int | None = None
    """None if the run never came to its end."""
    seconds: float = 0.0
    """From its begin to the last that is known of it."""
    cut_at: int | None = None
    """Offset in the file of a last record that is not whole."""

    @property
    def folder(self) -> Path:
        """Where the run's files lie, next to the recording."""
        return self.path.parent / "files"

    @property
    def note(self) -> str | None:
        """What is missing, if anything is."""
        rows = f"its {len(self.rows.texts):,} whole rows are played"
        if self.cut_at is not None:
            return f"{self.path}: ends within the record at offset {self.cut_at}: {rows}"
        if self.exit_code is None:
            return f"{self.path}: the run never came to its end: {rows}"
        return None


def load_recording(path: Path) -> Recording:
    """Read a `.wandb` file; RecordingError names it and where it is damaged."""
    try:
        status = path.stat()
    except OSError as error:
        raise RecordingError(f"{path}: {error.strerror or error}") from error
    return _load(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _load(path: Path, _size: int, _changed: int) -> Recording:
    """As the file is now; a workload asks more than once."""
    log = LogFile(path)
    reader = _Reader(path)
    for offset, record in log:
        try:
            reader.take(record)
        except ValueError as error:
            raise RecordingError(
                f"{path}: offset {offset}: no record of wandb's: {error}"
            ) from error
    return reader.done(log.cut_at)


class _Reader:
    """Takes one record after the other."""

    def __init__(self, path: Path) -> None:
        self._recording = Recording(path)
        self._config: Tree = {}
        self._began_at: float | None = None
        self._now = 0.0
        """Time of the newest record that has one."""

    def take(self, record: bytes) -> None:
        """Note what it says; ValueError if it is no record."""
        for number, value in protobuf.fields(record):
            take = self._TAKERS.get(number)
            if take is not None and isinstance(value, bytes):
                take(self, value)

    def done(self, cut_at: int | None) -> Recording:
        """All that the records said."""
        recording = self._recording
        recording.console.end()
        recording.cut_at = cut_at
        recording.seconds = max(self._now, recording.seconds)
        user = {key: value for key, value in self._config.items() if key != "_wandb"}
        recording.config = raw_json.read(user)
        return recording

    def _run(self, message: bytes) -> None:
        began_at = protobuf.seconds(message, 17)
        if self._began_at is None:
            self._began_at = began_at
        for part in protobuf.messages(message, 4):
            self._change_config(part)
        names = {"groupName": 6, "jobType": 7, "displayName": 8, "notes": 9}
        texts = {name: protobuf.text(message, number) for name, number in names.items()}
        about: dict[str, Any] = {name: text for name, text in texts.items() if text}
        if tags := protobuf.texts(message, 10):
            about["tags"] = tags
        self._recording.about |= about

    def _change_config(self, message: bytes) -> None:
        raw_json.apply(self._config, _updates(message, 1))
        raw_json.apply(self._config, ((path, None) for path, _ in _updates(message, 2)))

    def _history(self, message: bytes) -> None:
        row: Tree = {}
        raw_json.apply(row, _updates(message, 1))
        for step in protobuf.messages(message, 2):
            row.setdefault("_step", str(protobuf.integer(step, 1)))
        at = self._since_begin(_number(row.get("_timestamp")), _number(row.get("_runtime")))
        recording = self._recording
        recording.rows.add(at, raw_json.write(row))
        recording.points.append(raw_json.points(row, leave_out=_OWN_KEYS))

    def _summary(self, message: bytes) -> None:
        removed: list[Update] = [(path, None) for path, _ in _updates(message, 2)]
        recording = self._recording
        recording.summary.append((len(recording.rows.texts), [*_updates(message, 1), *removed]))

    def _stats(self, message: bytes) -> None:
        timestamp = protobuf.seconds(message, 2)
        at = self._since_begin(timestamp, None)
        line: Tree = {"_wandb": "true", "_timestamp": repr(timestamp or 0.0), "_runtime": repr(at)}
        for path, value in _updates(message, 3):
            line[f"system.{'.'.join(path)}"] = value
        self._recording.system_metrics.add(at, raw_json.write(line))

    def _output(self, message: bytes) -> None:
        at = self._since_begin(protobuf.seconds(message, 2), None)
        is_error = protobuf.integer(message, 1) == 0
        self._recording.console.add(at, self._began_at or 0.0, protobuf.text(message, 3), is_error)

    def _handed(self, message: bytes) -> None:
        for item in protobuf.messages(message, 1):
            self._recording.files.append((self._now, protobuf.text(item, 1)))

    def _exit(self, message: bytes) -> None:
        self._recording.exit_code = protobuf.integer(message, 1)

    def _since_begin(self, timestamp: float | None, runtime: float | None) -> float:
        """When a record was written: by its time of day, else by the run's own clock."""
        at = runtime
        if timestamp is not None and self._began_at is not None:
            at = timestamp - self._began_at
        self._now = max(self._now, at if at is not None and math.isfinite(at) else 0.0)
        return self._now

    _TAKERS: ClassVar[dict[int, Callable[["_Reader", bytes], None]]] = {
        _RUN: _run,
        _HISTORY: _history,
        _SUMMARY: _summary,
        _CONFIG: _change_config,
        _STATS: _stats,
        _OUTPUT: _output,
        _OUTPUT_RAW: _output,
        _FILES: _handed,
        _EXIT: _exit,
    }


def _updates(message: bytes, number: int) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths and values of the items with that number."""
    for item in protobuf.messages(message, number):
        key, nested, value = "", [], "null"
        for field_number, found in protobuf.fields(item):
            if not isinstance(found, bytes):
                continue
            if field_number == 1:
                key = found.decode()
            elif field_number == 2:
                nested.append(found.decode())
            elif field_number == 16:
                value = found.decode()
        yield tuple(nested) or (key,), value


def _number(text: object) -> float | None:
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None
