"""Which versions belong to a collection, under which number and which aliases."""

import re

from mockwb.backend.artifact import LATEST, Alias, Membership
from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store
from mockwb.clock import Clock

VERSION = re.compile(r"v(0|[1-9][0-9]*)")
MAX_ALIAS = 128


class ArtifactMemberships:
    """All memberships and aliases of one server."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep them in `store`."""
        self._store = store
        self._clock = clock

    async def add(self, collection_id: str, artifact_id: str) -> Membership:
        """Make a version the next member of a collection; a member stays the member it is."""
        kept = await self.find(collection_id, artifact_id)
        if kept is not None:
            return kept
        number = await self._store.next_number(f"artifact-version/{collection_id}")
        member = Membership(
            id=node_id(
                "ArtifactCollectionMembership",
                await self._store.next_number("artifact-membership"),
            ),
            collection=collection_id,
            artifact=artifact_id,
            version_index=number - 1,
            created_at=self._clock.wall(),
        )
        await self._store.put(_members(collection_id), artifact_id, member)
        await self._store.put(_indexes(collection_id), member.version, artifact_id)
        await self._store.put(_collections(artifact_id), collection_id, collection_id)
        return member

    async def find(self, collection_id: str, artifact_id: str) -> Membership | None:
        """The version's membership in this collection, or None."""
        member: Membership | None = await self._store.get(_members(collection_id), artifact_id)
        return member

    async def of_collection(self, collection_id: str) -> list[Membership]:
        """The members of a collection, oldest first."""
        return await self._store.records(_members(collection_id))

    async def of_artifact(self, artifact_id: str) -> list[Membership]:
        """The memberships of a version, oldest first."""
        found = [
            await self.find(collection_id, artifact_id)
            for collection_id in await self._store.records(_collections(artifact_id))
        ]
        return [member for member in found if member is not None]

    async def resolve(self, collection_id: str, alias: str = LATEST) -> Membership | None:
        """The member that `alias` (or `v3`) names, or None."""
        if VERSION.fullmatch(alias):
            artifact_id = await self._store.get(_indexes(collection_id), alias)
        else:
            named: Alias | None = await self._store.get(_aliases(collection_id), alias)
            artifact_id = named.artifact if named is not None else None
        return None if artifact_id is None else await self.find(collection_id, artifact_id)

    async def aliases_of(self, member: Membership) -> list[Alias]:
        """The aliases of one member, `v3` not among them."""
        aliases = await self.aliases_in(member.collection)
        return [alias for alias in aliases if alias.artifact == member.artifact]

    async def aliases_in(self, collection_id: str) -> list[Alias]:
        """All aliases in a collection."""
        aliases: list[Alias] = await self._store.records(_aliases(collection_id))
        return aliases

    async def give_alias(self, collection_id: str, artifact_id: str, name: str) -> None:
        """Let `name` point to this member, whichever it pointed to before.

        NotFoundError if the version is no member; InvalidError for a name that W&B refuses.
        """
        check_alias(name)
        if await self.find(collection_id, artifact_id) is None:
            raise NotFoundError(f"artifact {artifact_id} is not in this collection")
        number = await self._store.next_number("artifact-alias")
        alias = Alias(
            id=node_id("ArtifactAlias", number),
            name=name,
            collection=collection_id,
            artifact=artifact_id,
        )
        await self._store.put(_aliases(collection_id), name, alias)

    async def drop_alias(self, collection_id: str, artifact_id: str, name: str) -> None:
        """Take `name` from this member; nothing happens if it has no such alias."""
        alias: Alias | None = await self._store.get(_aliases(collection_id), name)
        if alias is not None and alias.artifact == artifact_id:
            await self._store.delete(_aliases(collection_id), name)


def check_alias(name: str) -> None:
    """InvalidError for an alias that W&B refuses."""
    if VERSION.fullmatch(name):
        raise InvalidError(f"alias {name!r} is reserved for version numbers")
    if not 0 < len(name) <= MAX_ALIAS or "/" in name or ":" in name:
        raise InvalidError(
            f"alias {name!r} must have 1 to {MAX_ALIAS} characters, no '/' and no ':'"
        )


def _members(collection_id: str) -> str:
    return f"artifact-member/{collection_id}"


def _indexes(collection_id: str) -> str:
    return f"artifact-member-index/{collection_id}"


def _collections(artifact_id: str) -> str:
    return f"artifact-member-of/{artifact_id}"


def _aliases(collection_id: str) -> str:
    return f"artifact-alias/{collection_id}"
