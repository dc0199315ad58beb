"""From entries of the configuration to people: at the start, and for `/_mockwb/people`."""

from mockwb.backend.api_keys import ApiKey
from mockwb.backend.errors import NotFoundError
from mockwb.backend.members import Role
from mockwb.backend.organizations import Organization
from mockwb.backend.projects import Project
from mockwb.backend.teams import Team
from mockwb.backend.users import User
from mockwb.backend.world import World
from mockwb.config.model import ServerConfig
from mockwb.config.people import (
    MemberEntry,
    OrganizationEntry,
    ProjectEntry,
    TeamEntry,
    UserEntry,
)
from mockwb.gate.authentication import configured_keys


async def declare(world: World, config: ServerConfig) -> None:
    """Everybody that the configuration names; `mockwb.server` calls it before it listens.

    ConflictError where keys of `auth` and `people` contradict each other.
    """
    await world.people.configure_keys(configured_keys(config.auth))
    people = config.people
    for user in people.users:
        await put_user(world, user)
    for organization in people.organizations:
        await put_organization(world, organization)
    for team in people.teams:
        await put_team(world, team)
    for project in people.projects:
        await put_project(world, project)


async def put_user(world: World, entry: UserEntry) -> tuple[User, ApiKey | None]:
    """The user, and the key if it is new."""
    return await world.people.put_user(
        entry.name,
        key=entry.key,
        email=entry.email,
        name=entry.full_name,
        admin=entry.admin,
        default_entity=entry.default_entity,
    )


async def put_team(world: World, entry: TeamEntry) -> Team:
    """The team, with these members."""
    return await world.people.put_team(entry.name, _roles(entry.members), entry.organization)


async def put_organization(world: World, entry: OrganizationEntry) -> Organization:
    """The organisation, with these members."""
    return await world.people.put_organization(entry.name, _roles(entry.members), entry.entity)


async def put_project(world: World, entry: ProjectEntry) -> Project:
    """The project, made if there was none; NotFoundError without its entity."""
    if not await world.permissions.known(entry.entity):
        raise NotFoundError(f"entity {entry.entity} not found")
    project, _ = await world.projects.ensure(entry.entity, entry.name, "")
    return await world.projects.change(project, {"access": entry.access})


def _roles(members: list[MemberEntry]) -> list[tuple[str, Role]]:
    return [(member.user, Role(member.role)) for member in members]
