"""Teams: made, and their members invited, listed and removed."""

from typing import Any

from mockwb.backend.entities import Entity, check_name
from mockwb.backend.errors import ConflictError, ForbiddenError, NotFoundError
from mockwb.backend.invites import member_of
from mockwb.backend.members import Member, Role
from mockwb.backend.teams import Team
from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "createTeam")
async def create_team(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A team of the caller's organisation, with an admin; 409 if the name is taken."""
    world, name = context.world, values["team_name"]
    check_name("team", name)
    if await world.permissions.known(name):
        raise ConflictError(f"the name {name} is taken")
    admin = await world.users.get(context.user)
    if values.get("team_admin_user_name"):
        admin = await _user(context, values["team_admin_user_name"])
    organizations = await world.organizations.of_user(context.user)
    above = organizations[0].entity if len(organizations) == 1 else None
    await world.invites.add(Team(name=name, organization=above), admin, Role.ADMIN)
    return {"entity": await world.entities.get(name)}


@field("Mutation", "createInvite")
async def create_invite(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Invite by user name or by address; who has an account is in at once."""
    team = await _administered(context, values["entity_name"])
    member = await context.world.invites.invite(
        team,
        username=values.get("username"),
        email=values.get("email"),
        role=Role.ADMIN if values.get("admin") else Role.MEMBER,
    )
    return {"invite": await _invite(member, context)}


@field("Mutation", "deleteInvite")
async def delete_invite(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Remove a member; everybody may leave."""
    name, member_id = values.get("entity_name") or context.entity, values.get("id") or ""
    team = await context.world.teams.find(name) or Team(name=name)
    member = member_of(team, member_id)
    if member.username != context.user:
        await _administered(context, name)
    await context.world.invites.remove(team, member_id)
    return {"success": True}


@field("Mutation", "createServiceAccount")
async def create_service_account(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An account for machines, with a key of its own."""
    team = await _administered(context, values["entity_name"])
    return {"user": await context.world.invites.service_account(team, values["description"])}


@field("Entity", "members")
async def members(entity: Entity, context: GraphQLContext) -> list[dict[str, Any]]:
    """The owner of a personal entity, or a team's members in order."""
    if entity.user is not None:
        owner = entity.user
        return [{**_person(owner), "id": owner.id, "admin": True, "account_type": "USER"}]
    if entity.team is None:
        return []
    return [await _member(member, entity.name, context) for member in entity.team.members]


async def _member(member: Member, team: str, context: GraphQLContext) -> dict[str, Any]:
    user = await context.world.users.find(member.username) if member.username else None
    kind = "VIEWER" if member.role is Role.VIEWER else "MEMBER"
    shown = {
        "id": member.id,
        "admin": member.role is Role.ADMIN,
        "pending": member.pending,
        "account_type": kind,
    }
    if user is None:
        name = member.username or member.email
        return {**shown, "name": name, "username": member.username, "email": member.email}
    shown |= _person(user)
    if user.account_type != "SERVICE":
        return shown
    keys = await context.world.api_keys.of_user(user.username)
    if keys and await context.world.permissions.administers(context.user, team):
        shown["api_key"] = keys[0].secret
    return {**shown, "account_type": "SERVICE"}


def _person(user: User) -> dict[str, Any]:
    return {"name": user.name, "username": user.username, "email": user.email, "pending": False}


async def _invite(member: Member, context: GraphQLContext) -> dict[str, Any]:
    user = await context.world.users.find(member.username) if member.username else None
    return {
        "id": member.id,
        "name": user.name if user is not None else member.email,
        "email": user.email if user is not None else member.email,
        "created_at": member.invited_at,
        "to_user": user,
    }


async def _user(context: GraphQLContext, username: str) -> User:
    user = await context.world.users.find(username)
    if user is None:
        raise NotFoundError(f"user {username} not found")
    return user


async def _administered(context: GraphQLContext, name: str) -> Team:
    """The team, if the caller may change it; before people are declared, any name is one."""
    check_name("team", name)
    world = context.world
    team = await world.teams.find(name)
    if team is None and (world.permissions.in_force or await world.permissions.known(name)):
        raise NotFoundError(f"team {name} not found")
    if not await world.permissions.administers(context.user, name):
        raise ForbiddenError(f"permission denied: only admins of team {name} change its members")
    return team or Team(name=name)
