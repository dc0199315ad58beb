"""Sweeps: found, listed, changed. What their agents do is in `sweep_agents`."""

import asyncio
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from mockwb.backend.errors import NotFoundError
from mockwb.backend.instants import format_instant
from mockwb.backend.run_filter import Known, parse_filter
from mockwb.backend.store import Store
from mockwb.backend.sweep import Sweep, SweepKey
from mockwb.clock import Clock


class Sweeps:
    """All sweeps of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock
        self._locks: WeakValueDictionary[SweepKey, asyncio.Lock] = WeakValueDictionary()

    def lock(self, key: SweepKey) -> asyncio.Lock:
        """Hold it from reading a sweep to writing what comes of it: agents ask all at once."""
        lock = self._locks.get(key)
        if lock is None:
            lock = self._locks[key] = asyncio.Lock()
        return lock

    async def find(self, key: SweepKey) -> Sweep | None:
        """The sweep, or None."""
        sweep: Sweep | None = await self._store.get(_table(key.entity, key.project), key.name)
        return sweep

    async def get(self, key: SweepKey) -> Sweep:
        """The sweep; NotFoundError without it."""
        sweep = await self.find(key)
        if sweep is None:
            raise NotFoundError(f"could not find sweep {key}")
        return sweep

    async def put(self, sweep: Sweep) -> None:
        """Store a new or changed sweep."""
        await self._store.put(_table(sweep.entity, sweep.project), sweep.name, sweep)

    async def change(self, sweep: Sweep, **fields: Any) -> Sweep:
        """The sweep with `fields` replaced."""
        changed = msgspec.structs.replace(sweep, **fields, updated_at=self._clock.wall())
        await self.put(changed)
        return changed

    async def delete(self, key: SweepKey) -> None:
        """Drop the record alone; NotFoundError without it."""
        if not await self._store.delete(_table(key.entity, key.project), key.name):
            raise NotFoundError(f"could not find sweep {key}")

    async def of_project(
        self, entity: str, project: str, filters: str | None = None
    ) -> list[Sweep]:
        """The sweeps of a project that match `filters` (as for runs), newest first.

        InvalidError for filters that are none.
        """
        matches = parse_filter(filters).test
        found: list[Sweep] = await self._store.records(_table(entity, project))
        return [sweep for sweep in reversed(found) if matches(partial(_known, sweep))]


_FIELDS = {
    "name": "name",
    "displayName": "display_name",
    "display_name": "display_name",
    "description": "description",
    "state": "state",
    "username": "user",
    "user": "user",
}
_INSTANTS = {
    "createdAt": "created_at",
    "created_at": "created_at",
    "updatedAt": "updated_at",
    "updated_at": "updated_at",
    "heartbeatAt": "heartbeat_at",
    "heartbeat_at": "heartbeat_at",
}


def _known(sweep: Sweep, key: str) -> Known:
    """The value of a filter key."""
    if key in _INSTANTS:
        return True, format_instant(getattr(sweep, _INSTANTS[key]))
    if key not in _FIELDS:
        return False, None
    value = getattr(sweep, _FIELDS[key])
    return value is not None, value if value is None else str(value)


def _table(entity: str, project: str) -> str:
    return f"sweep/{entity}/{project}"
