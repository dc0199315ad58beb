"""API keys: listed by name, made and deleted by their owners."""

from typing import Any

from mockwb.backend.errors import ForbiddenError
from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("User", "apiKeys")
async def api_keys(user: User, context: GraphQLContext) -> dict[str, Any]:
    """The user's keys with a record, for the user and for admins of a server with people."""
    keys = await context.world.api_keys.of_user(user.username)
    shown = keys if await _may_manage(user.username, context) else []
    return {"edges": [{"node": key} for key in shown]}


@field("Mutation", "generateApiKey")
async def generate_api_key(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A further key of the caller; its name is the whole key, this once."""
    key = await context.world.api_keys.add(context.user, description=values.get("description"))
    return {"api_key": {"id": key.id, "name": key.secret, "description": key.description}}


@field("Mutation", "deleteApiKey")
async def delete_api_key(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a key useless; 403 for somebody else's, 404 for none."""
    key = await context.world.api_keys.get(values.get("id") or "")
    if not await _may_manage(key.user, context):
        raise ForbiddenError("permission denied: the API key is somebody else's")
    await context.world.api_keys.delete(key)
    return {"success": True}


@field("Mutation", "createAnonymousEntity")
async def create_anonymous_entity(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An account without a name, and its key: what `wandb.login(anonymous=...)` asked for.

    403 where only known keys are good.
    """
    world = context.world
    if world.api_keys.only_known:
        raise ForbiddenError("permission denied: this server takes no anonymous users")
    number = await world.store.next_number("anonymous")
    user = await world.users.create(f"anony-mouse-{number}", account_type="ANONYMOUS")
    key = await world.api_keys.add(user.username)
    return {"api_key": {"id": key.id, "name": key.secret}}


async def _may_manage(owner: str, context: GraphQLContext) -> bool:
    permissions = context.world.permissions
    if owner == context.user:
        return True
    return permissions.in_force and await permissions.administers_server(context.user)
