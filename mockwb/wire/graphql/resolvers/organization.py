"""Organisations: found by name, and what they own."""

from typing import Any

from mockwb.backend.entities import Entity
from mockwb.backend.organizations import Organization
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Query", "organization")
async def organization(
    _root: None, context: GraphQLContext, name: str | None = None
) -> Organization | None:
    """By its name or that of its entity; null for one that the caller is no member of."""
    world = context.world
    if name is None:
        own = await world.organizations.of_user(context.user)
        return own[0] if len(own) == 1 else None
    found = await world.organizations.find(name)
    if found is None or not await world.permissions.may_see(context.user, found.entity):
        return None
    return found


@field("Organization", "orgEntity")
async def org_entity(organization: Organization, context: GraphQLContext) -> Entity:
    """What owns its registries."""
    return await context.world.entities.get(organization.entity)


@field("Organization", "featureFlags")
def feature_flags(
    _organization: Organization, _context: GraphQLContext, **_how: object
) -> list[dict[str, Any]]:
    """None: every flag that SDKs ask for is off without a word."""
    return []
