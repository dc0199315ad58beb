"""Users, teams and organisations declared from outside: by configuration, control or fixtures.

From the first declaration on, only known keys are good and permissions are in force.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from mockwb.backend.api_keys import ApiKey, ApiKeys
from mockwb.backend.entities import check_name
from mockwb.backend.errors import ConflictError, NotFoundError
from mockwb.backend.invites import Invites
from mockwb.backend.members import Member, Roles
from mockwb.backend.organizations import Organization, Organizations
from mockwb.backend.permissions import Permissions
from mockwb.backend.project_removal import ProjectRemoval
from mockwb.backend.teams import Team, Teams
from mockwb.backend.users import User, Users, name_from_email
from mockwb.clock import Clock

T = TypeVar("T", Team, Organization)


class People:
    """Makes and removes them."""

    def __init__(
        self,
        clock: Clock,
        users: Users,
        teams: Teams,
        organizations: Organizations,
        keys: ApiKeys,
        permissions: Permissions,
        invites: Invites,
        projects: ProjectRemoval,
    ) -> None:
        """Work on the given nouns."""
        self._clock = clock
        self._users = users
        self._teams = teams
        self._organizations = organizations
        self._keys = keys
        self._permissions = permissions
        self._invites = invites
        self._projects = projects
        self._configured: Mapping[str, str] = {}

    async def configure_keys(self, keys: Mapping[str, str]) -> None:
        """Take the keys of the configuration, and only known ones then; they declare nobody."""
        self._configured = keys
        if keys:
            self._keys.accept_only_known(only=True)
        for secret, username in keys.items():
            await self._users.get(username)
            await self._keys.add(username, secret)

    async def put_user(
        self,
        username: str,
        *,
        key: str | None = None,
        email: str | None = None,
        name: str | None = None,
        admin: bool = False,
        default_entity: str | None = None,
    ) -> tuple[User, ApiKey | None]:
        """Make a user, or replace what is known of one; and the key, if it is new.

        Without any key one is made up. InvalidError for a name that is none; ConflictError for
        what belongs to somebody else.
        """
        check_name("user", username)
        _check_free(
            username, await self._teams.find(username), await self._organizations.at(username)
        )
        owner = self._keys.owner(key) if key is not None else None
        if owner not in (None, username):
            raise ConflictError(f"the API key for user {username} belongs to user {owner}")
        former = await self._users.find(username)
        fields: dict[str, Any] = {
            "name": name or username,
            "admin": admin,
            "entity": default_entity or username,
        }
        if former is not None:
            fields["number"] = former.number
        user = await self._users.create(username, email, **fields)
        await self._invites.settle(user)
        self._declared()
        if key is None and await self._keys.of_user(username):
            return user, None
        return user, await self._keys.add(username, key)

    async def invite_to_server(self, email: str, *, admin: bool) -> User:
        """A user with a name made out of the address; ConflictError if somebody has it."""
        name = base = name_from_email(email)
        number = 1
        while await self._permissions.known(name):
            number += 1
            name = f"{base}-{number}"
        user = await self._users.create(name, email, admin=admin)
        await self._invites.settle(user)
        return user

    async def remove_user(self, username: str) -> None:
        """Delete a user, keys, memberships and own projects; NotFoundError without the user."""
        user = await self._users.find(username)
        if user is None:
            raise NotFoundError(f"user {username} not found")
        for key in await self._keys.of_user(username):
            await self._keys.delete(key)
        for team in await self._teams.of_user(username):
            await self._teams.put(_without(team, username))
        for organization in await self._organizations.of_user(username):
            await self._organizations.put(_without(organization, username))
        await self._projects.remove_all(username)
        await self._users.put(msgspec.structs.replace(user, deleted_at=self._clock.wall()))

    async def put_team(self, name: str, members: Roles, organization: str | None = None) -> Team:
        """Make a team, or replace its members; service accounts and invitations stay.

        NotFoundError for members or an organisation that are not there.
        """
        check_name("team", name)
        _check_free(name, await self._users.find(name), await self._organizations.at(name))
        found = None
        if organization is not None:
            found = await self._organizations.find(organization)
            if found is None:
                raise NotFoundError(f"organization {organization} not found")
        former = await self._teams.find(name)
        kept = former.members if former is not None else ()
        stay = [member for member in kept if await self._stays(member)]
        team = Team(
            name=name,
            organization=found.entity if found is not None else None,
            members=(*await self._invites.listed(members, kept), *stay),
        )
        self._declared()
        return await self._teams.put(team)

    async def remove_team(self, name: str) -> None:
        """Delete a team with its projects; NotFoundError without it."""
        if not await self._teams.delete(name):
            raise NotFoundError(f"team {name} not found")
        await self._projects.remove_all(name)

    async def put_organization(
        self, name: str, members: Roles, entity: str | None = None
    ) -> Organization:
        """Make an organisation, or replace its members; NotFoundError for unknown members.

        Its entity is `<name>-org` unless it is given, or known from before.
        """
        check_name("organization", name)
        former = await self._organizations.find(name)
        if entity is None:
            entity = former.entity if former is not None else f"{name}-org"
        check_name("entity", entity)
        _check_free(entity, await self._users.find(entity), await self._teams.find(entity))
        if former is not None and former.entity != entity:
            raise ConflictError(f"organization {name} has the entity {former.entity}")
        kept = former.members if former is not None else ()
        organization = Organization(
            name=name, entity=entity, members=await self._invites.listed(members, kept)
        )
        self._declared()
        return await self._organizations.put(organization)

    async def remove_organization(self, name: str) -> None:
        """Delete an organisation with its teams and all projects; NotFoundError without it."""
        organization = await self._organizations.find(name)
        if organization is None:
            raise NotFoundError(f"organization {name} not found")
        for team in await self._teams.of_organization(organization.entity):
            await self.remove_team(team.name)
        await self._organizations.delete(organization.entity)
        await self._projects.remove_all(organization.entity)

    async def forget(self) -> None:
        """As if nobody had ever been declared: everything is open again. Projects and runs stay."""
        for user in await self._users.all():
            await self._users.forget(user.username)
        for team in await self._teams.all():
            await self._teams.delete(team.name)
        for organization in await self._organizations.all():
            await self._organizations.delete(organization.entity)
        await self._keys.forget()
        self._permissions.in_force = False
        await self.configure_keys(self._configured)

    def _declared(self) -> None:
        if not self._permissions.in_force:
            self._permissions.in_force = True
            self._keys.accept_only_known(only=True)

    async def _stays(self, member: Member) -> bool:
        user = await self._users.find(member.username)
        return member.pending or (user is not None and user.account_type == "SERVICE")


def _without(group: T, username: str) -> T:
    members = tuple(member for member in group.members if member.username != username)
    return msgspec.structs.replace(group, members=members)


def _check_free(name: str, *owners: object) -> None:
    if any(owner is not None for owner in owners):
        raise ConflictError(f"the name {name} is taken")
