"""What a request asks for, worked out before it runs, so that the gate can decide on it.

The endpoint calls this between reading a request and running it. Nothing here changes anything.
"""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLSchema
from graphql.execution import get_argument_values, get_variable_values

from mockwb.backend.errors import BackendError
from mockwb.backend.projects import UNCATEGORIZED
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.wire.graphql.places import Place, place_of
from mockwb.wire.graphql.resolvers.run_upsert import run_fields
from mockwb.wire.graphql.root_fields import Operation, RootField, Variables

_ENTITY = ("entityName", "entity")
_PROJECT = ("projectName", "modelName", "project")
_RUN = ("runName",)
_PROJECT_ITSELF = frozenset({"project", "model", "upsertModel"})
"""Fields whose `name` is a project's."""
_RUN_ITSELF = frozenset({"upsertBucket"})
"""Fields whose `name` is a run's."""
_RUN_BELOW = ("run", "bucket")
"""Fields of a project whose `name` is a run's."""
_NAME = ("name",)
_THINGS = (
    "artifactID",
    "artifactManifestID",
    "clientID",
    "files",
    "artifactFiles",
    "queueID",
    "queueIDs",
    "runQueues",
    "runQueueItemId",
    "launchAgentId",
    "viewId",
    "parentId",
)
"""Arguments that say by their ids where they are; in lists the first one speaks."""


async def place_named(
    operation: Operation, variables: Variables, entity: str, world: World
) -> Place | None:
    """The project, and the run if any, that the request names first.

    Names that are left out mean what they mean to resolvers: the user's default `entity`, and the
    project for runs without one.
    """
    for field in operation.root_fields(variables):
        place = await _place(field, entity, world)
        if place is not None:
            return place
    return None


async def insertions(
    schema: GraphQLSchema, operation: Operation, variables: Variables, user: str, world: World
) -> list[RunKey]:
    """The runs that the request would insert: one for each upsertBucket of a run that is not there.

    What would fail inserts nothing. Made-up names are still empty.
    """
    found: list[RunKey] = []
    for fields in upserts(schema, operation, variables):
        try:
            key = await world.run_upsert.insertion(user, fields)
        except BackendError:
            continue
        # The second one of a name changes what the first one has made.
        if key is not None and not (key.name and key in found):
            found.append(key)
    return found


def upserts(
    schema: GraphQLSchema, operation: Operation, variables: Variables
) -> Iterator[RunFields]:
    """What each upsertBucket of the request says about a run; none of those that would fail."""
    fields = [f for f in operation.root_fields(variables) if f.name == "upsertBucket"]
    if not fields:
        return
    # Variables of wrong types leave none to run.
    coerced = get_variable_values(schema, operation.node.variable_definitions or (), variables)
    if isinstance(coerced, list):
        return
    for field in fields:
        try:
            yield run_fields(get_argument_values(field.definition, field.node, coerced)["values"])
        except GraphQLError:
            continue


async def places_written(field: RootField, entity: str, world: World) -> list[Place]:
    """Everywhere that a field says it is about, by its id and by names."""
    own_id = field.text(("id",))
    by_id = await place_of(world, own_id) if own_id else None
    by_names = _by_names(field, entity, named=not own_id)
    return [place for place in (by_id, by_names) if place is not None]


async def places_of_things(field: RootField, world: World) -> list[Place]:
    """Everywhere that the things lie which a field names by their ids besides."""
    found = [await place_of(world, text) for text in _ids_of_things(field, every=True)]
    return [place for place in found if place is not None]


def entity_named(field: RootField) -> str:
    """The entity that a field names; empty without one."""
    return field.text(_ENTITY)


async def _place(field: RootField, entity: str, world: World) -> Place | None:
    own_id = field.text(("id",))
    place = await place_of(world, own_id) if own_id else None
    if place is None:
        place = _by_names(field, entity, named=not own_id)
    if place is None:
        for text in _ids_of_things(field):
            place = await place_of(world, text)
            if place is not None:
                break
    return place


def _by_names(field: RootField, entity: str, *, named: bool) -> Place | None:
    """By its arguments; `named` if there is no id that it could mean instead."""
    itself = field.name in _PROJECT_ITSELF
    if not itself and not field.declares(_PROJECT):
        return None
    project = field.text(_NAME if itself else _PROJECT) or (UNCATEGORIZED if named else "")
    if not project:
        return None
    if itself:
        run = field.text_below(_RUN_BELOW, _NAME)
    else:
        run = field.text(_NAME if field.name in _RUN_ITSELF else _RUN)
    return Place(field.text(_ENTITY) or entity, project, run or None)


def _ids_of_things(field: RootField, *, every: bool = False) -> Iterator[str]:
    for name in _THINGS:
        given: Any = field.value(name)
        values = given if isinstance(given, list) else [given]
        for value in values if every else values[:1]:
            text = value.get("artifactID") if isinstance(value, dict) else value
            if isinstance(text, str) and text:
                yield text
