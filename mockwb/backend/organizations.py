"""Organisations: what teams belong to. Each has an entity of its own, for registries."""

import msgspec

from mockwb.backend.members import Members, member_named
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import Store


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """One organisation."""

    name: str
    """As it is shown."""
    entity: str
    """Name of its entity."""
    members: Members = ()
    core_weave_organization_id: None = None
    """Organisations here run on nobody's cloud."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("Organization", self.entity)


class Organizations:
    """All organisations."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def at(self, entity: str) -> Organization | None:
        """The organisation whose entity has that name, or None."""
        organization: Organization | None = await self._store.get("organization", entity)
        return organization

    async def find(self, name: str) -> Organization | None:
        """By the name that is shown, or by that of its entity; SDKs take both."""
        named = [found for found in await self.all() if found.name == name]
        return named[0] if named else await self.at(name)

    async def put(self, organization: Organization) -> Organization:
        """Store a new or changed organisation."""
        await self._store.put("organization", organization.entity, organization)
        return organization

    async def delete(self, entity: str) -> bool:
        """Forget an organisation; whether there was one."""
        return await self._store.delete("organization", entity)

    async def all(self) -> list[Organization]:
        """Every organisation, oldest first."""
        return await self._store.records("organization")

    async def of_user(self, username: str) -> list[Organization]:
        """The organisations that a user is a member of, oldest first."""
        return [found for found in await self.all() if member_named(found.members, username)]
