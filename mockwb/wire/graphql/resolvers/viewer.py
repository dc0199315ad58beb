"""`viewer` and `users`: who the API key belongs to, and who else there is."""

from typing import Any

from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "viewer")
async def viewer(_root: None, context: GraphQLContext, entity_name: str | None = None) -> User:
    """The owner of the API key."""
    return await context.world.users.get(context.user)


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


@field("User", "flags")
def flags(_user: User, _context: GraphQLContext) -> str:
    """Settings that the user made in the app; nobody can here."""
    return "{}"


@field("User", "teams")
async def teams(
    user: User, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """The personal entity, which W&B lists as a team too."""
    return {"edges": [{"node": await context.world.entities.get(user.entity)}]}


@field("User", "apiKeys")
def api_keys(_user: User, _context: GraphQLContext) -> dict[str, Any]:
    """None to show: keys are the server's configuration, or accepted as they come."""
    return {"edges": []}


@field("User", "admin")
def admin(_user: User, _context: GraphQLContext) -> bool:
    """Nobody administers the server over GraphQL."""
    return False


@field("User", "photoUrl")
@field("User", "deletedAt")
def nothing(_user: User, _context: GraphQLContext) -> None:
    """Users have no pictures and are never deleted."""
