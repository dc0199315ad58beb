"""`viewer`: who the API key belongs to."""

from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "viewer")
async def viewer(_root: None, context: GraphQLContext, entity_name: str | None = None) -> User:
    """The owner of the API key."""
    return await context.world.users.get(context.user)
