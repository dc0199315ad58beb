"""Users: found, made, changed, and what they say of themselves."""

from typing import Any

import msgspec

from mockwb.backend.entities import check_name
from mockwb.backend.errors import ForbiddenError, InvalidError, NotFoundError
from mockwb.backend.organizations import Organization
from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "users")
async def users(
    _root: None,
    context: GraphQLContext,
    query: str | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Users by part of their name or e-mail."""
    found = await context.world.users.search(query or "")
    return {"edges": [{"node": user} for user in found]}


@field("Mutation", "createUser")
async def create_user(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A user with that address, made by an admin of the server; 409 if somebody has it."""
    if not await context.world.permissions.administers_server(context.user):
        raise ForbiddenError("permission denied: only admins of the server make users")
    email = values["email"]
    if "@" not in email:
        raise InvalidError(f"email {email!r} is none")
    admin = bool(values.get("admin"))
    return {"user": await context.world.people.invite_to_server(email, admin=admin)}


@field("Mutation", "updateUser")
async def update_user(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Change the caller's default entity to one that the caller can see."""
    user = await context.world.users.get(context.user)
    entity = values.get("default_entity")
    if entity is not None:
        check_name("entity", entity)
        if not await context.world.permissions.may_see(context.user, entity):
            raise NotFoundError(f"entity {entity} not found")
        user = msgspec.structs.replace(user, entity=entity)
        await context.world.users.put(user)
    return {"user": user}


@field("User", "flags")
def flags(_user: User, _context: GraphQLContext) -> str:
    """Settings that the user made in the app; nobody can here."""
    return "{}"


@field("User", "teams")
async def teams(
    user: User, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """The personal entity, which W&B lists as a team too, and the user's teams."""
    own = [] if user.account_type == "SERVICE" else [user.username]
    names = own + [team.name for team in await context.world.teams.of_user(user.username)]
    return {"edges": [{"node": await context.world.entities.get(name)} for name in names]}


@field("User", "organizations")
async def organizations(user: User, context: GraphQLContext) -> list[Organization]:
    """Those that the user is a member of."""
    return await context.world.organizations.of_user(user.username)


@field("User", "photoUrl")
def photo_url(_user: User, _context: GraphQLContext) -> None:
    """Users have no pictures."""
