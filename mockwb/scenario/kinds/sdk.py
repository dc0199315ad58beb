"""Workload kind `sdk`: real processes of the wandb SDK, one run each.

The installed release, or another one in an environment of its own.
"""

import asyncio
import importlib.util
import sys
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec

from mockwb.packages import PipError, has_sdk, sdk_python
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.kinds.sdk_process import RowsLogged, run_worker
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.modelled import modelled, modelled_settings
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.workload import Surroundings, due
from mockwb.sdkmodel import logging_shape

BAD_SETTINGS = 2
"""Exit code of a worker whose settings the SDK does not take."""


Release = Annotated[str, msgspec.Meta(pattern=r"^\d+\.\d+[\w.]*$", examples=["0.16.6"])]
"""The version of a release of the SDK."""


class SdkWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="sdk"):
    """N processes of the wandb SDK; slow to start (a second or two of CPU each), true to life."""

    version: Release | None = None
    """Release of wandb, such as 0.16.6, that pip installs into an environment kept for the next
    time; without it the installed one."""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    """Settings of the SDK by their names in `wandb.Settings`, such as
    `x_file_stream_transmit_interval: 2`, `console: off` or `x_disable_stats: true`."""

    legacy_interval: ClassVar[float] = 2.0
    """What releases before 0.18 wait in the first minute; later 10 s, then 30 s."""

    @property
    def is_legacy(self) -> bool:
        """Whether the release is one of before 0.18, which send on a schedule of their own."""
        return self.version is not None and _numbers(self.version) < (0, 18)

    @property
    def transmit_interval(self) -> float:
        """As the SDK reads it: whole seconds, and its default for anything below one."""
        if self.is_legacy:
            return self.legacy_interval
        name = "x_file_stream_transmit_interval"
        asked = self.settings.get(name) or self.settings.get(name[1:]) or 0  # 0.18 has no x
        seconds = int(asked) if isinstance(asked, int | float) else 0
        return float(seconds) if seconds >= 1 else self.default_interval

    def client(self, around: Surroundings, index: int) -> VirtualClient:
        """As wandb-core 0.31 would live it, with those settings that the model knows.

        StartError for a release that has no wandb-core.
        """
        if self.is_legacy:
            raise self.start_error(
                f"wandb {self.version} cannot be simulated, only run (mockwb run): "
                "what is modelled is wandb-core, which came with 0.18",
                "version",
            )
        return modelled(self, modelled_settings(self.settings), around, index)

    def check(self) -> None:
        """Raise StartError without the wandb package, if it is the installed one that shall run."""
        if self.version is not None:
            return
        self.check_sdk("kind sdk", "kind")
        if self.values.images is not None and importlib.util.find_spec("PIL") is None:
            raise self.start_error(
                "values.images: wandb.Image needs pillow: pip install pillow", "values", "images"
            )

    @property
    def preparation(self) -> str | None:
        """The installation of the release, if it is not there yet."""
        if self.version is None or has_sdk(self.version):
            return None
        return f"workload {self.name}: installing wandb {self.version}, this once"

    async def prepare(self) -> None:
        """Install the release if it is not there yet; StartError if pip cannot."""
        await self._python()

    async def _python(self) -> Path:
        if self.version is None:
            return Path(sys.executable)
        try:
            return await asyncio.to_thread(sdk_python, self.version)
        except (PipError, OSError) as error:
            problem = f"cannot install wandb {self.version}: {error}"
            raise self.start_error(problem, "version") from error

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Start the processes, each in its time, and wait for all of them."""
        python = await self._python()
        logged = around.rows_logged[self.name] = RowsLogged()
        async with asyncio.TaskGroup() as group:
            clients = [
                group.create_task(self._client(around, python, index, logged))
                for index in range(self.count)
            ]
        return [client.result() for client in clients]

    async def _client(
        self, around: Surroundings, python: Path, index: int, logged: RowsLogged
    ) -> ClientResult:
        order = self._order(around, index)
        if not await due(around, self.start_delay(index, around.seed)):
            return ClientResult(
                workload=self.name,
                entity=order["entity"],
                project=order["project"],
                run=order["run"],
                error="stopped before its start",
            )
        result = await run_worker(self.name, order, python, around, logged)
        if result.exit_code == BAD_SETTINGS:
            raise self.start_error(f"settings: {result.error}", "settings")
        return result

    def _order(self, around: Surroundings, index: int) -> dict[str, Any]:
        """What `sdk_worker` reads."""
        settings = dict(self.settings)
        if settings.get("console") is False:  # YAML reads a bare `off` so
            settings["console"] = "off"
        path = self.project_of(index)
        return {
            "entity": path.entity,
            "project": path.project,
            "run": self.run_id(around, index),
            "rows": self.rows,
            "shape_file": logging_shape.__file__,
            "plan": self.plan(),
            "client": index,
            "pace": list(self.pace(index, around)),
            "settings": settings,
        }


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a release, (0, 16, 6) of 0.16.6."""
    parts = version.split(".")
    return tuple(int(part) for part in parts if part.isdecimal())
