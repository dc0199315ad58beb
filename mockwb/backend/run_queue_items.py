"""What waits in run queues: pushed, leased to agents, claimed, failed."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.node_ids import node_parts
from mockwb.backend.run_queue import Complaint, ItemState, Prioritization, RunQueue, RunQueueItem
from mockwb.backend.run_queue_configs import ResourceConfigs, resolved
from mockwb.backend.store import Store
from mockwb.clock import Clock

LEASE_SECONDS = 60
"""An item that is not acknowledged that long goes back to PENDING."""
PRIORITIES = range(4)
"""Critical, high, medium, low (`wandb launch --priority`)."""
MEDIUM = 2


class RunQueueItems:
    """The items of all queues; those that agents can get are listed apart."""

    def __init__(self, store: Store, clock: Clock, configs: ResourceConfigs) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock
        self._configs = configs

    async def push(
        self,
        queue: RunQueue,
        user: str,
        run_spec: dict[str, Any],
        *,
        priority: int | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> RunQueueItem:
        """Put a run into a queue, with the `values` of its template variables.

        InvalidError for a priority that the queue does not have, or values it does not take.
        """
        config = await self._configs.find(queue.config) if queue.config else None
        spec = resolved(run_spec, config, values or {})
        item = RunQueueItem(
            number=await self._store.next_number(f"run-queue-item/{queue.number}"),
            queue=queue.number,
            user=user,
            run_spec=spec,
            priority=_priority(queue, priority),
            created_at=self._clock.wall(),
        )
        await self._put(item)
        await self._store.put(_waiting(queue.number), str(item.number), item.number)
        return item

    async def pop(self, queue: RunQueue, agent: str | None) -> RunQueueItem | None:
        """Lease the most urgent item, the oldest of several, to an agent; None without any."""
        found = None
        for number in await self._store.records(_waiting(queue.number)):
            item = await self._find(queue.number, number)
            if item is None or item.state is not ItemState.PENDING:
                continue
            if found is None or _urgency(item, queue) < _urgency(found, queue):
                found = item
        if found is None:
            return None
        now = self._clock.wall()
        return await self._change(found, state=ItemState.LEASED, leased_at=now, agent=agent)

    async def acknowledge(self, item: RunQueueItem, run: str) -> bool:
        """An agent starts the item as `run`; False if it is nobody's to start any more."""
        if item.state is not ItemState.LEASED:
            return False
        await self._settle(item, state=ItemState.CLAIMED, run=run)
        return True

    async def fail(self, item: RunQueueItem, complaint: Complaint) -> None:
        """An agent could not run the item; its first error counts."""
        if item.error is None:
            await self._settle(item, state=ItemState.FAILED, error=complaint)

    async def warn(self, item: RunQueueItem, complaint: Complaint) -> None:
        """Keep a warning with the item."""
        await self._change(item, warnings=(*item.warnings, complaint))

    async def get(self, item_id: str) -> RunQueueItem:
        """The item with that id; NotFoundError without it."""
        item = await self.find(item_id)
        if item is None:
            raise NotFoundError(f"run queue item {item_id} not found")
        return item

    async def find(self, item_id: str) -> RunQueueItem | None:
        """The item with that id, or None."""
        parts = item_numbers(item_id)
        return None if parts is None else await self._find(*parts)

    async def of_queue(self, queue: RunQueue) -> list[RunQueueItem]:
        """All items that a queue has or had, oldest first."""
        items: Sequence[RunQueueItem] = await self._store.records(_table(queue.number))
        return [self._as_of_now(item) for item in items]

    async def delete(self, item: RunQueueItem) -> None:
        """Take an item out."""
        await self._store.delete(_table(item.queue), str(item.number))
        await self._store.delete(_waiting(item.queue), str(item.number))

    async def delete_all(self, queue: RunQueue) -> None:
        """Empty a queue."""
        for item in await self.of_queue(queue):
            await self.delete(item)

    async def _find(self, queue: int, number: int) -> RunQueueItem | None:
        item: RunQueueItem | None = await self._store.get(_table(queue), str(number))
        return None if item is None else self._as_of_now(item)

    def _as_of_now(self, item: RunQueueItem) -> RunQueueItem:
        """The item, back in the queue if its lease is over."""
        if item.state is not ItemState.LEASED or item.leased_at is None:
            return item
        if self._clock.wall() - item.leased_at < LEASE_SECONDS:
            return item
        return msgspec.structs.replace(item, state=ItemState.PENDING, leased_at=None)

    async def _settle(self, item: RunQueueItem, **fields: Any) -> None:
        await self._change(item, **fields)
        await self._store.delete(_waiting(item.queue), str(item.number))

    async def _change(self, item: RunQueueItem, **fields: Any) -> RunQueueItem:
        changed = msgspec.structs.replace(item, **fields)
        await self._put(changed)
        return changed

    async def _put(self, item: RunQueueItem) -> None:
        await self._store.put(_table(item.queue), str(item.number), item)


def item_numbers(item_id: str) -> tuple[int, int] | None:
    """(number of the queue, number in it) of an item's id; None if it is none."""
    parts = node_parts("RunQueueItem", item_id)
    if parts is None or len(parts) != 2 or not all(p.isascii() and p.isdigit() for p in parts):
        return None
    return int(parts[0]), int(parts[1])


def _priority(queue: RunQueue, priority: int | None) -> int | None:
    if queue.prioritization is Prioritization.DISABLED:
        # The SDK's scheduler of sweeps names the medium one whatever the queue.
        if priority not in (None, MEDIUM):
            raise InvalidError(f"run queue {queue.name} has no priorities: prioritization is off")
        return None
    if priority is not None and priority not in PRIORITIES:
        raise InvalidError(
            f"priority must be from {PRIORITIES[0]} to {PRIORITIES[-1]}, got {priority}"
        )
    return MEDIUM if priority is None else priority


def _urgency(item: RunQueueItem, queue: RunQueue) -> tuple[int, int]:
    """Less is more urgent. Items without a priority come as medium ones."""
    if queue.prioritization is Prioritization.DISABLED:
        return 0, item.number
    return MEDIUM if item.priority is None else item.priority, item.number


def _table(queue: int) -> str:
    return f"run-queue-item/{queue}"


def _waiting(queue: int) -> str:
    """Numbers of the items that are neither claimed nor failed."""
    return f"run-queue-waiting/{queue}"
