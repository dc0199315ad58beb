"""Run queues of launch: made, changed, found and deleted."""

from typing import Any, NamedTuple

import msgspec

from mockwb.backend.entities import check_name
from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.json_text import parse_object
from mockwb.backend.projects import Projects
from mockwb.backend.run_queue import Prioritization, QueueAccess, RunQueue, queue_id
from mockwb.backend.run_queue_configs import ConfigText, ResourceConfigs, schema_errors
from mockwb.backend.store import Store
from mockwb.clock import Clock

MAX_QUEUE_NAME = 64
"""Characters (`Api.create_run_queue` of the SDK)."""

_PLACES = "run-queue"


class QueuePath(NamedTuple):
    """Where a queue lives."""

    entity: str
    project: str
    name: str

    def __str__(self) -> str:
        return "/".join(self)


class RunQueues:
    """All queues; what is in them is `RunQueueItems`' business."""

    def __init__(
        self, store: Store, clock: Clock, projects: Projects, configs: ResourceConfigs
    ) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock
        self._projects = projects
        self._configs = configs

    async def create(
        self,
        path: QueuePath,
        user: str,
        access: str,
        prioritization: str | None = None,
        config: str | None = None,
    ) -> RunQueue:
        """Make a queue, and its project if there is none.

        ConflictError if there is one of that name, NotFoundError for a configuration (by id)
        that the entity does not have, InvalidError for a name that is none.
        """
        if await self.find(path) is not None:
            raise ConflictError(f"run queue {path} already exists")
        if config is not None:
            found = await self._configs.find(config)
            if found is None or found.entity != path.entity:
                raise NotFoundError(f"default resource config {config} not found")
        _check_queue_name(path.name)
        await self._projects.ensure(path.entity, path.project, user)
        queue = RunQueue(
            number=await self._store.next_number("run-queue"),
            entity=path.entity,
            project=path.project,
            name=path.name,
            user=user,
            access=QueueAccess(access),
            prioritization=Prioritization(prioritization or Prioritization.DISABLED),
            config=config,
            created_at=self._clock.wall(),
        )
        await self._put(queue)
        await self._store.put(_PLACES, queue.id, path)
        return queue

    async def upsert(
        self,
        path: QueuePath,
        user: str,
        told: ConfigText,
        prioritization: str | None,
        external_links: str | None,
    ) -> tuple[RunQueue, list[str]]:
        """Make a queue or change it: (queue, what looks wrong in its configuration).

        Configuration and variables are overwritten; links (JSON text) and the mode of priorities
        stay as they are if they are None. InvalidError names what cannot be kept.
        """
        links = None if external_links is None else _links(external_links)
        _check_queue_name(path.name)
        config = await self._configs.create(path.entity, told)
        queue = await self.find(path)
        if queue is None:
            queue = await self.create(path, user, QueueAccess.PROJECT, config=config.id)
        former = await self._configs.find(queue.config) if queue.config else None
        if former is not None and former.id != config.id:
            config = await self._configs.replace(former, config)
        queue = msgspec.structs.replace(
            queue,
            config=config.id,
            external_links=queue.external_links if links is None else links,
            prioritization=Prioritization(prioritization or queue.prioritization),
        )
        await self._put(queue)
        return queue, schema_errors(config)

    async def find(self, path: QueuePath) -> RunQueue | None:
        """The queue of that name, or None."""
        queue: RunQueue | None = await self._store.get(_table(path.entity, path.project), path.name)
        return queue

    async def find_by_id(self, id_: str) -> RunQueue | None:
        """The queue with that id, or None."""
        path: QueuePath | None = await self._store.get(_PLACES, id_)
        return None if path is None else await self.find(path)

    async def get(self, id_: str) -> RunQueue:
        """The queue with that id; NotFoundError without it."""
        queue = await self.find_by_id(id_)
        if queue is None:
            raise NotFoundError(f"run queue {id_} not found")
        return queue

    async def by_number(self, number: int) -> RunQueue:
        """The queue of that number, which items keep; NotFoundError without it."""
        return await self.get(queue_id(number))

    async def of_project(self, entity: str, project: str) -> list[RunQueue]:
        """The queues of a project, oldest first."""
        return await self._store.records(_table(entity, project))

    async def using(self, config: str) -> bool:
        """Whether any queue has the configuration with that id."""
        found = [await self.find(path) for path in await self._store.records(_PLACES)]
        return any(queue is not None and queue.config == config for queue in found)

    async def delete(self, queue: RunQueue) -> None:
        """Drop the queue itself; `RunQueueRemoval` takes what belongs to it, too."""
        await self._store.delete(_table(queue.entity, queue.project), queue.name)
        await self._store.delete(_PLACES, queue.id)

    async def _put(self, queue: RunQueue) -> None:
        await self._store.put(_table(queue.entity, queue.project), queue.name, queue)


def _table(entity: str, project: str) -> str:
    return f"run-queue/{entity}/{project}"


def _check_queue_name(name: str) -> None:
    check_name("run queue", name)
    if len(name) > MAX_QUEUE_NAME:
        raise InvalidError(
            f"run queue name must have at most {MAX_QUEUE_NAME} characters, got {len(name)}"
        )


def _links(text: str) -> dict[str, Any]:
    links = parse_object(text, "external links")
    entries = links.get("links", [])
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and isinstance(entry.get("url"), str) for entry in entries
    ):
        raise InvalidError('external links must be {"links": [{"label": ..., "url": ...}]}')
    return links
