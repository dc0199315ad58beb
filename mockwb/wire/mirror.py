"""What passes the proxy on its way to another server, done here too once that one has agreed.

So onlookers know of runs, their rows and their states as if they were served here: account,
guidance and deliveries hold in front of another server as well.
"""

from typing import Any

import msgspec

from mockwb.backend.errors import BackendError
from mockwb.backend.file_stream import Update
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.record import RequestRecord, Upserted
from mockwb.wire.ingested import ingested_by


class _Named(msgspec.Struct):
    name: str


class _Project(msgspec.Struct):
    name: str
    entity: _Named


class _Bucket(msgspec.Struct):
    name: str
    project: _Project


class Mirror:
    """Repeats in `world` what the other server has done."""

    def __init__(self, world: World) -> None:
        """Keep what onlookers ask for in `world`."""
        self._world = world

    async def met(self, user: str, data: Any) -> None:
        """Note what an answer to GraphQL says of its user: the default entity."""
        viewer = data.get("viewer") if isinstance(data, dict) else None
        entity = viewer.get("entity") if isinstance(viewer, dict) else None
        if user and isinstance(entity, str) and entity:
            await self._believe(user, entity)

    async def upserted(self, record: RequestRecord, fields: RunFields, data: Any) -> None:
        """Make or change the run that an upsertBucket was about, where its answer says it is."""
        try:
            bucket = msgspec.convert(data["upsertBucket"]["bucket"], _Bucket)
        except (msgspec.ValidationError, KeyError, TypeError):
            return  # whoever asked did not want to know
        place = bucket.project
        user = record.caller.user or ""
        if not fields.entity and not fields.id:
            await self._believe(user, place.entity.name)
        said = msgspec.structs.replace(
            fields, id=None, entity=place.entity.name, project=place.name, name=bucket.name
        )
        target = record.target
        target.entity, target.project, target.run = said.entity, said.project, said.name
        try:
            run, _ = await self._world.run_upsert.apply(user, said)
        except BackendError:
            return  # it continues what is only known over there
        runs = await self._world.runs.count(run.entity, run.project)
        config = None if fields.config is None else len(fields.config.encode())
        record.upserted = Upserted(runs, config)

    async def streamed(self, record: RequestRecord, update: Update) -> None:
        """Take what a file_stream request had; a run from before this server began is made."""
        target = record.target
        key = RunKey(target.entity or "", target.project or "", target.run or "")
        world = self._world
        try:
            if await world.runs.find(key) is None:
                said = RunFields(entity=key.entity, project=key.project, name=key.name)
                await world.run_upsert.apply(record.caller.user or "", said)
            applied = await world.file_stream.apply(key, update, record.writer)
        except BackendError:
            return  # the other server is more lenient
        record.ingested = ingested_by(applied, update.files, world.clock.wall())

    async def _believe(self, user: str, entity: str) -> None:
        known = await self._world.users.get(user)
        if known.entity != entity:
            await self._world.users.put(msgspec.structs.replace(known, entity=entity))
