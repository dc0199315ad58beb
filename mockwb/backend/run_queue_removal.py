"""Deleting run queues with what belongs to them alone."""

from mockwb.backend.run_queue import RunQueue
from mockwb.backend.run_queue_configs import ResourceConfigs
from mockwb.backend.run_queue_items import RunQueueItems
from mockwb.backend.run_queues import RunQueues


class RunQueueRemoval:
    """The operation."""

    def __init__(self, queues: RunQueues, items: RunQueueItems, configs: ResourceConfigs) -> None:
        """Work on the given nouns."""
        self._queues = queues
        self._items = items
        self._configs = configs

    async def remove(self, queue: RunQueue) -> None:
        """Drop a queue, its items, and its configuration unless others use it."""
        await self._items.delete_all(queue)
        await self._queues.delete(queue)
        if queue.config is not None and not await self._queues.using(queue.config):
            await self._configs.delete(queue.config)

    async def remove_all(self, entity: str, project: str) -> None:
        """Drop every queue of a project."""
        for queue in await self._queues.of_project(entity, project):
            await self.remove(queue)
