"""Collections of versions: found by name or id, made when first named."""

import re

import msgspec

from mockwb.backend.artifact import Collection, DigestAlgorithm
from mockwb.backend.artifact_types import ArtifactTypes
from mockwb.backend.errors import InvalidError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

NAME = re.compile(r"[a-zA-Z0-9_\-.]{1,128}")
"""What W&B accepts (wandb/sdk/artifacts/_validators.py)."""
RECORDS = "artifact-collection"
CLIENT_IDS = "artifact-collection-client"


class ArtifactCollections:
    """All collections of one server."""

    def __init__(self, store: Store, types: ArtifactTypes, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._types = types
        self._clock = clock

    async def ensure(
        self, entity: str, project: str, name: str, type_name: str, algorithm: DigestAlgorithm
    ) -> Collection:
        """The sequence of that name; made if there is none yet, with its type.

        InvalidError for a name that W&B refuses, or if the sequence is of another type.
        """
        kept = await self.find(entity, project, name)
        if kept is not None:
            if kept.type != type_name:
                raise InvalidError(
                    f"artifact collection {name!r} already exists with type {kept.type!r},"
                    f" not {type_name!r}"
                )
            return kept
        if not NAME.fullmatch(name):
            raise InvalidError(
                f"artifact name {name!r} may only have letters, digits, '_', '-' and '.',"
                " and at most 128 of them"
            )
        await self._types.ensure(entity, project, type_name)
        return await self._create(entity, project, name, type_name, algorithm)

    async def _create(
        self, entity: str, project: str, name: str, type_name: str, algorithm: DigestAlgorithm
    ) -> Collection:
        now = self._clock.wall()
        created = Collection(
            id=node_id("ArtifactCollection", await self._store.next_number(RECORDS)),
            entity=entity,
            project=project,
            name=name,
            type=type_name,
            created_at=now,
            updated_at=now,
            digest_algorithm=algorithm,
        )
        await self._store.put(RECORDS, created.id, created)
        await self._store.put(_names(entity, project), name, created.id)
        return created

    async def find(self, entity: str, project: str, name: str) -> Collection | None:
        """The collection of that name, or None."""
        collection_id = await self._store.get(_names(entity, project), name)
        return None if collection_id is None else await self.get(collection_id)

    async def get(self, collection_id: str) -> Collection | None:
        """The collection with that id, or None."""
        found: Collection | None = await self._store.get(RECORDS, collection_id)
        return found

    async def of_project(
        self, entity: str, project: str, type_name: str | None = None
    ) -> list[Collection]:
        """The collections of a project, or only those of one type; newest first."""
        found = []
        for collection_id in reversed(await self._store.records(_names(entity, project))):
            collection = await self.get(collection_id)
            if collection is not None and type_name in (None, collection.type):
                found.append(collection)
        return found

    async def touch(self, collection: Collection) -> None:
        """Note that the collection changed just now."""
        changed = msgspec.structs.replace(collection, updated_at=self._clock.wall())
        await self._store.put(RECORDS, collection.id, changed)

    async def map_client_id(self, client_id: str, collection_id: str) -> None:
        """Remember that a client calls this collection `client_id`; it may use several."""
        await self._store.put(CLIENT_IDS, client_id, collection_id)

    async def by_client_id(self, client_id: str) -> Collection | None:
        """The collection that a client calls so, or None."""
        collection_id = await self._store.get(CLIENT_IDS, client_id)
        return None if collection_id is None else await self.get(collection_id)


def _names(entity: str, project: str) -> str:
    return f"artifact-collection-name/{entity}/{project}"
