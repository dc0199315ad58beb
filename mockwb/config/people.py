"""The section `people` of the configuration; the control API takes the same entries one by one."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

_NAME = "^[A-Za-z0-9_][A-Za-z0-9_. -]{0,99}$"
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
Key = Annotated[str, msgspec.Meta(pattern="^[!-~]+$")]
Email = Annotated[str, msgspec.Meta(pattern="^[!-?A-~]+@[!-?A-~]+$")]


class UserEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user, who owns an entity of the same name."""

    name: Name
    key: Key | None = None
    """API key, however short; None makes one up if the user has none."""
    email: Email | None = None
    full_name: str | None = None
    admin: bool = False
    """Whether the user may do everything, and make users."""
    default_entity: Name | None = None
    """What the user means without naming an entity; None is the user's own."""


class MemberEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A user's place in a team or an organisation."""

    user: Name
    role: Literal["admin", "member", "viewer"] = "member"
    """Admins change who is in, members write, viewers read."""


class TeamEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A team."""

    name: Name
    organization: Name | None = None
    """Name of the organisation that it belongs to."""
    members: list[MemberEntry] = []


class OrganizationEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation: its admins are admins of its teams, its viewers only read there."""

    name: Name
    entity: Name | None = None
    """Name of its entity; None is `<name>-org`."""
    members: list[MemberEntry] = []


class ProjectEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project, and who may see it."""

    entity: Name
    name: Name
    access: Literal["PRIVATE", "USER_READ", "USER_WRITE", "RESTRICTED"] = "PRIVATE"
    """The entity's members; or every user reads; or every user writes; or only admins."""


class PeopleConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who there is. Where nobody is declared, every key is good and may do everything."""

    users: list[UserEntry] = []
    teams: list[TeamEntry] = []
    organizations: list[OrganizationEntry] = []
    projects: list[ProjectEntry] = []

    def __post_init__(self) -> None:
        """Refuse what refers to nothing, and what is there twice."""
        users = {user.name for user in self.users}
        organizations = {organization.name for organization in self.organizations}
        _once("key", [user.key for user in self.users if user.key is not None])
        _once("email", [user.email for user in self.users if user.email is not None])
        teams = [team.name for team in self.teams]
        own = [entry.entity or f"{entry.name}-org" for entry in self.organizations]
        entities = [*(user.name for user in self.users), *teams, *own]
        _once("name", entities)
        groups: list[TeamEntry | OrganizationEntry] = [*self.teams, *self.organizations]
        for group in groups:
            for member in group.members:
                if member.user not in users:
                    raise ValueError(f"{group.name}: member {member.user} is not among the users")
        for team in self.teams:
            if team.organization is not None and team.organization not in organizations:
                raise ValueError(f"{team.name}: there is no organization {team.organization}")
        for project in self.projects:
            if project.entity not in entities:
                raise ValueError(f"{project.name}: there is no entity {project.entity}")


def check_keys(people: PeopleConfig, keys: Mapping[str, str]) -> None:
    """ValueError where `keys` (key -> user name) and people contradict each other."""
    for user in people.users:
        if user.key is not None and keys.get(user.key, user.name) != user.name:
            raise ValueError(f"the key of {user.name} is another user's among auth.keys")
    shared = {team.name for team in people.teams}
    shared |= {entry.entity or f"{entry.name}-org" for entry in people.organizations}
    for name in sorted(shared & set(keys.values())):
        raise ValueError(f"name {name} is a user's among auth.keys")


def _once(what: str, values: list[str]) -> None:
    for value in values:
        if values.count(value) > 1:
            shown = "a key" if what == "key" else f"{what} {value}"
            raise ValueError(f"{shown} is given {values.count(value)} times")
