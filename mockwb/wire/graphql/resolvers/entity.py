"""Entities and organisations."""

from typing import Any

from mockwb.backend.entities import Entity
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "entity")
async def entity(_root: None, context: GraphQLContext, name: str | None = None) -> Entity:
    """An entity by name; any name counts as a team that exists."""
    return await context.world.entities.get(name or context.user)


@field("Query", "organization")
def organization(_root: None, _context: GraphQLContext, name: str | None = None) -> None:
    """There are no organisations."""


@field("Entity", "available")
@field("Entity", "readOnly")
@field("Entity", "isPaid")
def no(_entity: Entity, _context: GraphQLContext) -> bool:
    """The name is taken, everybody may write, nobody pays."""
    return False


@field("Entity", "photoUrl")
def photo_url(_entity: Entity, _context: GraphQLContext) -> None:
    """No pictures."""


@field("Entity", "members")
def members(entity: Entity, _context: GraphQLContext) -> list[dict[str, Any]]:
    """The user of a personal entity; of a team nobody, since everybody may write to each."""
    if entity.user is None:
        return []
    owner = entity.user
    return [
        {
            "id": owner.id,
            "name": owner.name,
            "username": owner.username,
            "email": owner.email,
            "admin": True,
            "pending": False,
            "account_type": "MEMBER",
        }
    ]
