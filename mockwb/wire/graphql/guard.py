"""Permissions where GraphQL meets them: what is hidden reads as null, what is forbidden fails.

The endpoint asks `hidden_fields` before it runs a request, once people are declared.
"""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo, OperationType

from mockwb.backend.errors import NotFoundError
from mockwb.backend.projects import Project
from mockwb.backend.world import World
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.demand import entity_named, places_of_things, places_written
from mockwb.wire.graphql.root_fields import Operation, RootField, Variables

_OF_PEOPLE = frozenset({"createTeam", "createInvite", "deleteInvite", "createServiceAccount"})
"""Mutations of entities whose resolvers know by themselves who may."""
_OF_MEMBERS = frozenset({"upsertModel", "deleteModel"})
"""Mutations for which it is not enough that a project is open to all."""
_USING_THINGS = frozenset({"useArtifact", "linkArtifact"})
"""Mutations that only read the things they name by id."""

Resolve = Callable[..., Any]


async def hidden_fields(
    operation: Operation, variables: Variables, user: str, entity: str, world: World
) -> frozenset[str]:
    """Response keys of the query fields that the user may not see.

    For mutations ForbiddenError if the user may see the place but not write to it, NotFoundError
    if there is no such entity. `entity` is what the user means without naming one.
    """
    hidden = set()
    for field in operation.root_fields(variables):
        if operation.node.operation is OperationType.MUTATION:
            await _check_mutation(field, user, entity, world)
        elif not await _readable(field, user, entity, world):
            hidden.add((field.node.alias or field.node.name).value)
    return frozenset(hidden)


async def _readable(field: RootField, user: str, entity: str, world: World) -> bool:
    places = await places_written(field, entity, world) + await places_of_things(field, world)
    for place in places:
        if not await world.permissions.may_read(user, place.entity, place.project):
            return False
    return True


async def _check_mutation(field: RootField, user: str, entity: str, world: World) -> None:
    if field.name in _OF_PEOPLE:
        return
    permissions = world.permissions
    written = [
        (place.entity, place.project) for place in await places_written(field, entity, world)
    ]
    things = await places_of_things(field, world)
    if field.name in _USING_THINGS:
        for place in things:
            if not await permissions.may_read(user, place.entity, place.project):
                raise NotFoundError(f"no such artifact in {place.entity}/{place.project}")
    else:
        written += [(place.entity, place.project) for place in things]
    if not written and entity_named(field):
        written = [(entity_named(field), "")]
    for owner, project in written:
        await permissions.check_write(user, owner, project)
        if field.name in _OF_MEMBERS:
            await permissions.check_member(user, owner)


def hideable(resolve: Resolve) -> Resolve:
    """A query field's resolver that answers null where the request may not see."""

    def resolve_unless_hidden(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if info.context.hidden and info.path.key in info.context.hidden:
            return None
        return resolve(source, info, **arguments)

    return resolve_unless_hidden


def visible(resolve: Resolve) -> Resolve:
    """The resolver of a field that may be null and is a project: null for who may not see it."""

    def resolve_if_visible(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        value = resolve(source, info, **arguments)
        if not info.context.world.permissions.in_force:
            return value
        return _if_visible(value, info.context)

    return resolve_if_visible


async def _if_visible(value: Any, context: GraphQLContext) -> Any:
    project = value if value is None or isinstance(value, Project) else await value
    if project is None:
        return None
    permissions = context.world.permissions
    seen = await permissions.may_read(context.user, project.entity, project.name)
    return project if seen else None
