"""`/_mockwb/people`: who is declared, and forgetting all of it."""

import logging

import msgspec

from mockwb.backend.members import Member
from mockwb.backend.world import World
from mockwb.control.resource import Call, Operation

_log = logging.getLogger(__name__)


class UserState(msgspec.Struct, frozen=True):
    """One user."""

    name: str
    full_name: str
    email: str
    admin: bool
    default_entity: str
    account_type: str
    """USER, SERVICE or ANONYMOUS."""
    keys: list[str]
    """How each API key begins."""


class MemberState(msgspec.Struct, frozen=True):
    """One member."""

    user: str
    """Empty for an invitation that waits for an account."""
    email: str
    """Of such an invitation."""
    role: str


class TeamState(msgspec.Struct, frozen=True):
    """One team."""

    name: str
    organization: str | None
    """Name of the entity of the organisation that it belongs to."""
    members: list[MemberState]


class OrganizationState(msgspec.Struct, frozen=True):
    """One organisation."""

    name: str
    entity: str
    members: list[MemberState]


class PeopleState(msgspec.Struct, frozen=True):
    """Everybody."""

    in_force: bool
    """Whether permissions hold; else every key is good and may do everything."""
    users: list[UserState]
    """Those that were only seen, too."""
    teams: list[TeamState]
    organizations: list[OrganizationState]


class PeopleResource:
    """Shows and forgets."""

    name = "people"
    path = "/_mockwb/people"

    def __init__(self, world: World) -> None:
        self._world = world
        self.operations = [
            Operation("GET", "Users, teams and organisations", self.get, PeopleState),
            Operation(
                "DELETE",
                "Forget all of them: every key is good again, and may do everything",
                self.delete,
                PeopleState,
            ),
        ]

    async def get(self, _: Call) -> PeopleState:
        """Everybody, in order of appearance."""
        return await people_state(self._world)

    async def delete(self, call: Call) -> PeopleState:
        """Projects and runs stay."""
        await self._world.people.forget()
        _log.info("people forgotten, by %s", call.origin)
        return await self.get(call)


async def people_state(world: World) -> PeopleState:
    """Everybody as they are now."""
    users = [
        UserState(
            name=user.username,
            full_name=user.name,
            email=user.email,
            admin=user.admin,
            default_entity=user.entity,
            account_type=user.account_type,
            keys=[key.name for key in await world.api_keys.of_user(user.username)],
        )
        for user in await world.users.all()
    ]
    return PeopleState(
        in_force=world.permissions.in_force,
        users=users,
        teams=[
            TeamState(team.name, team.organization, [_member(one) for one in team.members])
            for team in await world.teams.all()
        ],
        organizations=[
            OrganizationState(found.name, found.entity, [_member(one) for one in found.members])
            for found in await world.organizations.all()
        ],
    )


def _member(member: Member) -> MemberState:
    return MemberState(member.username, member.email, member.role)
