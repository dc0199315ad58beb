"""Workload kind `replay`: past runs, played from the `.wandb` files that they left behind."""

import json
import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from glob import glob
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal

import msgspec

from mockwb.config.schemas import Describe, Schema
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.replay_sync import run_syncs
from mockwb.scenario.modelled import run_modelled
from mockwb.scenario.recording.log_file import RecordingError
from mockwb.scenario.recording.played import (
    RecordedConsole,
    RecordedFiles,
    RecordedLines,
    RecordedRows,
    texts_of,
)
from mockwb.scenario.recording.recording import Recording, load_recording
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.particulars import Particulars
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import SdkSettings

_KILLED_EXIT_CODE = 1
"""What `wandb sync` tells of a run without an end."""


class Speed(float):
    """How many recorded seconds pass in one; infinity if all is there at once."""

    @classmethod
    def from_config(cls, value: object) -> "Speed":
        """Read `1x`, `10x`, a plain number, or `max`; ValueError says what was expected."""
        if value == "max":
            return cls(math.inf)
        text = value.removesuffix("x") if isinstance(value, str) else value
        try:
            speed = float(text) if isinstance(text, str | int | float) else 0.0
        except ValueError:
            speed = 0.0
        if not 0 < speed < math.inf or isinstance(value, bool):
            raise ValueError(f"expected a speed such as 1x, 10x or max, got {value!r}")
        return cls(speed)

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        text = {"type": "string", "pattern": r"^(max|\d+(\.\d+)?x?)$"}
        return {"anyOf": [text, {"type": "number", "exclusiveMinimum": 0}]}

    def to_config(self) -> str:
        """The text that `from_config` reads."""
        return "max" if self == math.inf else f"{float(self):g}x"


class ReplayWorkload(Workload, frozen=True, kw_only=True, tag="replay"):
    """N clients that play recordings, dealt out in turn."""

    files: str | list[str]
    """Paths or patterns of `.wandb` files, or of the folders that hold them."""
    speed: Speed | None = None
    """As recorded if not given."""
    through: Literal["virtual", "sync"] = "virtual"
    """Modelled clients, or processes of `wandb sync`."""
    settings: SdkSettings = SdkSettings()
    """Of the SDK, for modelled clients."""

    def __post_init__(self) -> None:
        """ValueError for what `wandb sync` cannot do."""
        super().__post_init__()
        if self.through == "sync" and (self.speed is not None or self.settings != SdkSettings()):
            raise ValueError("through: sync takes neither speed nor settings")

    @property
    def rows_expected(self) -> int:
        """All rows of all clients; 0 as long as the recordings cannot be read."""
        try:
            return sum(len(self._recording(index).rows.texts) for index in range(self.count))
        except StartError:
            return 0

    @property
    def request_rate(self) -> float:
        """One request per interval of the SDK's."""
        return 1 / self.settings.transmit_interval

    @property
    def logging_seconds(self) -> float:
        """As long as the longest recording takes."""
        longest = max(recording.seconds for recording in self.recordings())
        return self.starting_seconds + longest * self._scale

    rows_known: ClassVar[bool] = True

    def logged_rows(self, index: int, count: int) -> Iterable[dict[str, Any]]:
        """As they were recorded."""
        return map(json.loads, self._recording(index).rows.texts[:count])

    def check(self) -> None:
        """Raise StartError if a recording cannot be played, or none of the clients plays it."""
        _found.cache_clear()
        recordings = self.recordings()
        if len(recordings) > self.count:
            raise self.start_error(
                f"count: {self.count} clients play {self.count} of "
                f"{len(recordings)} recordings; expected at least {len(recordings)}",
                "count",
            )
        if self.through == "sync":
            self.check_sdk("through: sync", "through")

    def recordings(self) -> list[Recording]:
        """All that `files` names, in the order of their paths; StartError for a bad one."""
        patterns = (self.files,) if isinstance(self.files, str) else tuple(self.files)
        try:
            return _found(patterns, Path.cwd())
        except RecordingError as error:
            raise self.start_error(str(error), "files") from error

    def client(self, around: Surroundings, index: int) -> VirtualClient:
        """Client number `index` (0-based), not started yet; StartError for `wandb sync`."""
        if self.through == "sync":
            raise self.start_error(
                "through: sync cannot be simulated, only run (mockwb run)", "through"
            )
        recording = self._recording(index)
        path = self.project_of(index)
        rows = RecordedRows(recording, self._scale)
        console = RecordedConsole(recording, self._scale)
        run = VirtualRun(
            RunName(path.entity, path.project, self.run_id(around, index)),
            api_key=around.api_key,
            settings=self.settings,
            random=Random(f"{around.seed}/{self.name}/{index}"),
            rows=rows,
            files=RecordedFiles(recording, rows, self._scale),
            particulars=Particulars(
                config=recording.config,
                about=recording.about,
                console=console if recording.console.times else None,
                system_metrics=RecordedLines(texts_of(recording).system_metrics, self._scale),
            ),
        )
        return ReplayClient(self.name, run, rows, recording)

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Play all, in this event loop or in processes."""
        if self.through == "sync":
            recordings = [self._recording(index) for index in range(self.count)]
            return await run_syncs(self, recordings, around)
        return await run_modelled(self, around)

    @property
    def _scale(self) -> float:
        """Seconds that a recorded one takes."""
        return 1.0 if self.speed is None else 1 / self.speed

    def _recording(self, index: int) -> Recording:
        recordings = self.recordings()
        return recordings[index % len(recordings)]


@lru_cache(maxsize=16)
def _found(patterns: tuple[str, ...], _folder: Path) -> list[Recording]:
    """The recordings that patterns name, as seen from the folder; looked for once.

    RecordingError for a bad one, or for a pattern that names none.
    """
    return [load_recording(path) for pattern in patterns for path in _paths(pattern)]


def _paths(pattern: str) -> Iterator[Path]:
    found = False
    for name in sorted(glob(pattern, recursive=True)):
        path = Path(name)
        for file in sorted(path.glob("*.wandb")) if path.is_dir() else (path,):
            found = True
            yield file
    if not found:
        raise RecordingError(f"files: no .wandb file is called {pattern!r}")


class ReplayClient(VirtualClient):
    """A run that is played; what it ended with is the recorded run's, and no failure of ours."""

    __slots__ = ("_note",)

    def __init__(
        self, workload: str, run: VirtualRun, rows: RecordedRows, recording: Recording
    ) -> None:
        ended = recording.exit_code
        super().__init__(workload, run, rows, _KILLED_EXIT_CODE if ended is None else ended)
        self._note = recording.note

    def result(self, now: float) -> ClientResult:
        """What became of the client, as of `now`."""
        result = super().result(now)
        played = result.error is None and result.exit_code == self._exit_code
        exit_code = 0 if played else result.exit_code
        return msgspec.structs.replace(result, exit_code=exit_code, note=self._note)
