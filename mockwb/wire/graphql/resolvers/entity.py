"""Entities: found by name, and what they are to the caller."""

from mockwb.backend.entities import Entity
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "entity")
async def entity(_root: None, context: GraphQLContext, name: str | None = None) -> Entity | None:
    """An entity by name, or null for one that the caller has no part in.

    Before people are declared, any name counts as a team that exists.
    """
    found = await context.world.entities.get(name or context.entity)
    seen = await context.world.permissions.may_see(context.user, found.name)
    return found if seen else None


@field("Entity", "readOnly")
async def read_only(entity: Entity, context: GraphQLContext) -> bool:
    """Whether the caller may not make projects in it."""
    return not await context.world.permissions.may_write(context.user, entity.name, "")


@field("Entity", "available")
@field("Entity", "isPaid")
def no(_entity: Entity, _context: GraphQLContext) -> bool:
    """The name is taken, nobody pays."""
    return False


@field("Entity", "photoUrl")
@field("Entity", "limits")
def nothing(_entity: Entity, _context: GraphQLContext) -> None:
    """No pictures, and no limits of the account: the server's limits are configuration."""
