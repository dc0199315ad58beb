"""Workload kind `sdk`: real processes of the installed wandb SDK, one run each."""

import asyncio
import importlib.metadata
from typing import Any, Literal

import msgspec

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.sdk_process import run_worker
from mockwb.scenario.workload import LoggingWorkload, Surroundings

BAD_SETTINGS = 2
"""Exit code of a worker whose settings the SDK does not take."""


class SdkWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="sdk"):
    """N processes of the wandb SDK; slow to start (a second or two of CPU each), true to life."""

    shape: Literal["flat", "nested", "strings"] = "flat"
    """Rows of numbers, of numbers in nested dicts (ten to a dict), or of short strings."""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    """Settings of the SDK by their names in `wandb.Settings`, such as
    `x_file_stream_transmit_interval: 2`, `console: off` or `x_disable_stats: true`."""

    @property
    def transmit_interval(self) -> float:
        """As the SDK reads it: whole seconds, and its default for anything below one."""
        asked = self.settings.get("x_file_stream_transmit_interval") or 0
        seconds = int(asked) if isinstance(asked, int | float) else 0
        return float(seconds) if seconds >= 1 else self.default_interval

    def check(self) -> None:
        """Raise StartError without the wandb package."""
        try:
            importlib.metadata.version("wandb")
        except importlib.metadata.PackageNotFoundError:
            raise StartError(
                f"workload {self.name} (kind sdk) needs the wandb package: "
                "pip install 'mockwb[sdk]'"
            ) from None

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Start the processes over `start_spread` and wait for all of them."""
        async with asyncio.TaskGroup() as group:
            clients = [
                group.create_task(self._client(around, index)) for index in range(self.count)
            ]
        return [client.result() for client in clients]

    async def _client(self, around: Surroundings, index: int) -> ClientResult:
        order = self._order(around, index)
        if not await _due(around, self.start_delay(index)):
            return ClientResult(
                workload=self.name,
                entity=self.project.entity,
                project=self.project.project,
                run=order["run"],
                error="stopped before its start",
            )
        result = await run_worker(self.name, order, around.base_url, around.api_key, around.stop)
        if result.exit_code == BAD_SETTINGS:
            raise StartError(f"workload {self.name}: settings: {result.error}")
        return result

    def _order(self, around: Surroundings, index: int) -> dict[str, Any]:
        """What `sdk_worker` reads."""
        settings = dict(self.settings)
        if settings.get("console") is False:  # YAML reads a bare `off` so
            settings["console"] = "off"
        return {
            "entity": self.project.entity,
            "project": self.project.project,
            "run": self.run_id(around, index),
            "rows": self.rows,
            "metrics": self.metrics,
            "every": float(self.every),
            "shape": self.shape,
            "settings": settings,
        }


async def _due(around: Surroundings, delay: float) -> bool:
    """Wait for a client's start; False if the scenario is stopped before."""
    pause = asyncio.ensure_future(around.clock.sleep(delay))
    stopped = asyncio.ensure_future(around.stop.wait())
    try:
        await asyncio.wait({pause, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
        stopped.cancel()
    return not around.stop.is_set()
