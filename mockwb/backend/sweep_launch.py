"""Sweeps that launch runs: their scheduler is a job in a run queue."""

import msgspec

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.run_queue_items import RunQueueItems
from mockwb.backend.run_queues import QueuePath, RunQueues
from mockwb.backend.sweep import Sweep

PLACEHOLDER = "WANDB_SWEEP_ID"
"""What stands in a scheduler's run spec where the sweep's short id shall be."""


class LaunchScheduler(msgspec.Struct, frozen=True, kw_only=True):
    """A scheduler to be queued, as SDKs describe it."""

    queue: str
    run_spec: str
    """JSON text."""
    run_queue_project: str | None = None


class SweepLaunch:
    """Queues schedulers."""

    def __init__(self, queues: RunQueues, items: RunQueueItems) -> None:
        """Work on the given nouns."""
        self._queues = queues
        self._items = items

    async def check(self, entity: str, project: str, text: str) -> None:
        """InvalidError if `text` is no scheduler, NotFoundError if there is no such queue."""
        scheduler = _parse(text)
        parse_object(scheduler.run_spec, "run_spec")
        path = _path(entity, project, scheduler)
        if await self._queues.find(path) is None:
            raise NotFoundError(f"run queue {'/'.join(path)} not found")

    async def start(self, sweep: Sweep, user: str, text: str) -> str:
        """Queue the scheduler of a new sweep; what `Sweep.scheduler` shall be, as JSON text."""
        scheduler = _parse(text)
        path = _path(sweep.entity, sweep.project, scheduler)
        queue = await self._queues.find(path)
        if queue is None:
            raise NotFoundError(f"run queue {'/'.join(path)} not found")
        spec = scheduler.run_spec.replace(PLACEHOLDER, sweep.name)
        await self._items.push(queue, user, parse_object(spec, "run_spec"))
        return to_json({"run_spec": spec})


def _parse(text: str) -> LaunchScheduler:
    try:
        return msgspec.json.decode(text, type=LaunchScheduler)
    except msgspec.MsgspecError as error:
        raise InvalidError(f"launchScheduler: {error}") from error


def _path(entity: str, project: str, scheduler: LaunchScheduler) -> QueuePath:
    return QueuePath(entity, scheduler.run_queue_project or project, scheduler.queue)
