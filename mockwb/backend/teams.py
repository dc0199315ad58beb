"""Teams: entities that several users share."""

import msgspec

from mockwb.backend.members import Members, member_named
from mockwb.backend.store import Store


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """One team."""

    name: str
    organization: str | None = None
    """Entity of the organisation that it belongs to."""
    members: Members = ()
    """In the order in which they came: SDKs take the last one for a new service account."""


class Teams:
    """All teams with a record."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def find(self, name: str) -> Team | None:
        """The team, or None."""
        team: Team | None = await self._store.get("team", name)
        return team

    async def put(self, team: Team) -> Team:
        """Store a new or changed team."""
        await self._store.put("team", team.name, team)
        return team

    async def delete(self, name: str) -> bool:
        """Forget a team; whether there was one."""
        return await self._store.delete("team", name)

    async def all(self) -> list[Team]:
        """Every team, oldest first."""
        return await self._store.records("team")

    async def of_user(self, username: str) -> list[Team]:
        """The teams that a user is a member of, oldest first."""
        return [team for team in await self.all() if member_named(team.members, username)]

    async def of_organization(self, entity: str) -> list[Team]:
        """The teams of an organisation, oldest first."""
        return [team for team in await self.all() if team.organization == entity]
