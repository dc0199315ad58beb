"""Members of teams come and go: invited by name or by e-mail, as service accounts, removed."""

import msgspec

from mockwb.backend.api_keys import ApiKeys
from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.members import Member, Members, Role, Roles, member_named, with_member
from mockwb.backend.store import Store
from mockwb.backend.teams import Team, Teams
from mockwb.backend.users import User, Users
from mockwb.clock import Clock


class Invites:
    """Changes who is in a team."""

    def __init__(
        self, store: Store, clock: Clock, users: Users, teams: Teams, keys: ApiKeys
    ) -> None:
        """Work on the given nouns."""
        self._store = store
        self._clock = clock
        self._users = users
        self._teams = teams
        self._keys = keys

    async def invite(
        self, team: Team, *, username: str | None, email: str | None, role: Role
    ) -> Member:
        """The new member. Who has an account is in at once; an address without one waits for it.

        NotFoundError for a name that no user has; ConflictError for somebody who is in or invited
        already; InvalidError unless one of the two is given.
        """
        if bool(username) == bool(email):
            raise InvalidError("an invitation needs a username or an email, one of the two")
        user = await self._users.find(username) if username else None
        if email:
            user = await self._users.by_email(email)
        elif user is None:
            raise NotFoundError(f"user {username} not found")
        if user is not None and member_named(team.members, user.username):
            raise ConflictError(f"user {user.username} is in team {team.name} already")
        if user is None and any(member.email == email for member in team.members):
            raise ConflictError(f"{email} is invited to team {team.name} already")
        return await self._add(team, user, role, email or "")

    async def add(self, team: Team, user: User, role: Role) -> Member:
        """A user as a member with that role, who may be one already."""
        former = member_named(team.members, user.username)
        if former is None:
            return await self._add(team, user, role)
        member = msgspec.structs.replace(former, role=role)
        await self._put(team, member)
        return member

    async def listed(self, wanted: Roles, former: Members) -> Members:
        """Users as members, in the order wanted; who was one before keeps the id.

        NotFoundError for a name that no user has. Of one who is listed twice the first role counts.
        """
        members: list[Member] = []
        for username, role in wanted:
            if await self._users.find(username) is None:
                raise NotFoundError(f"user {username} not found")
            if member_named(members, username) is not None:
                continue
            known = member_named(former, username) or await self._new(username)
            members.append(msgspec.structs.replace(known, role=role))
        return tuple(members)

    async def service_account(self, team: Team, description: str) -> User:
        """An account for machines, with a key, at the end of the team's members."""
        number = await self._store.next_number("service-account")
        user = await self._users.create(
            f"service-{number}-{team.name}"[:128],
            name=description,
            entity=team.name,
            account_type="SERVICE",
        )
        await self._keys.add(user.username, description=description)
        await self._add(team, user, Role.MEMBER)
        return user

    async def remove(self, team: Team, member_id: str) -> Member:
        """Take a member or an invitation back; NotFoundError without it.

        A service account goes with its keys.
        """
        member = member_of(team, member_id)
        left = tuple(other for other in team.members if other is not member)
        await self._teams.put(msgspec.structs.replace(team, members=left))
        user = await self._users.find(member.username)
        if user is not None and user.account_type == "SERVICE":
            for key in await self._keys.of_user(user.username):
                await self._keys.delete(key)
            await self._users.put(msgspec.structs.replace(user, deleted_at=self._clock.wall()))
        return member

    async def settle(self, user: User) -> None:
        """Let a new user into the teams that have invited the user's address."""
        for team in await self._teams.all():
            for member in team.members:
                if member.pending and member.email == user.email:
                    joined = msgspec.structs.replace(member, username=user.username, email="")
                    await self._put(team, joined)

    async def _add(self, team: Team, user: User | None, role: Role, email: str = "") -> Member:
        new = await self._new(user.username) if user is not None else await self._new("", email)
        member = msgspec.structs.replace(new, role=role)
        await self._put(team, member)
        return member

    async def _new(self, username: str, email: str = "") -> Member:
        number = await self._store.next_number("member")
        now = self._clock.wall()
        return Member(number=number, username=username, email=email, invited_at=now)

    async def _put(self, team: Team, member: Member) -> None:
        members = with_member(team.members, member)
        await self._teams.put(msgspec.structs.replace(team, members=members))


def member_of(team: Team, member_id: str) -> Member:
    """The member with that id; NotFoundError without one."""
    for member in team.members:
        if member.id == member_id:
            return member
    raise NotFoundError(f"team {team.name} has no member {member_id}")
