"""Collections and types: found by id or name, listed, and the versions in them."""

from typing import Any

from mockwb.backend.artifact import Alias, Artifact, ArtifactType, Collection, Membership
from mockwb.backend.node_ids import node_number
from mockwb.backend.projects import Project
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field, represent
from mockwb.wire.graphql.resolvers.artifact_pages import Getters, counted, selected

represent(Collection, "ArtifactSequence")

BY_COLLECTION: Getters[Collection] = {
    "name": lambda collection: collection.name,
    "type": lambda collection: collection.type,
    "created_at": lambda collection: collection.created_at,
    "createdAt": lambda collection: collection.created_at,
    "updated_at": lambda collection: collection.updated_at,
    "updatedAt": lambda collection: collection.updated_at,
}
Member = tuple[Membership, Artifact]
BY_MEMBER: Getters[Member] = {
    "state": lambda pair: pair[1].state,
    "digest": lambda pair: pair[1].digest,
    "size": lambda pair: pair[1].size,
    "version_index": lambda pair: pair[0].version_index,
    "versionIndex": lambda pair: pair[0].version_index,
    "created_at": lambda pair: pair[1].created_at,
    "createdAt": lambda pair: pair[1].created_at,
    "updated_at": lambda pair: pair[1].updated_at,
    "updatedAt": lambda pair: pair[1].updated_at,
}


@field("Query", "artifactCollection")
async def collection_by_id(_root: None, context: GraphQLContext, id: str) -> Collection | None:  # noqa: A002 -- named by the schema
    """The collection with that id, or None."""
    return await context.world.artifacts.collections.get(id)


@field("Project", "artifactCollection")
async def collection_by_name(
    project: Project, context: GraphQLContext, name: str
) -> Collection | None:
    """The collection of that name, or None."""
    return await context.world.artifacts.collections.find(project.entity, project.name, name)


@field("Project", "artifactCollections")
async def collections_of_project(
    project: Project,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    """All collections, newest first."""
    found = await context.world.artifacts.collections.of_project(project.entity, project.name)
    return _collections(found, filters, order, first, after)


@field("Project", "artifactType")
async def type_by_name(project: Project, context: GraphQLContext, name: str) -> ArtifactType | None:
    """The type of that name, or None."""
    return await context.world.artifacts.types.find(project.entity, project.name, name)


@field("Project", "artifactTypes")
async def types_of_project(
    project: Project,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    include_all: bool | None = None,  # of registries, which take more than they have
) -> dict[str, Any]:
    """All types, oldest first."""
    found = await context.world.artifacts.types.of_project(project.entity, project.name)
    return counted(found, lambda item: node_number(item.id), first, after)


@field("ArtifactType", "artifactSequence")
@field("ArtifactType", "artifactCollection")
async def collection_of_type(
    kind: ArtifactType, context: GraphQLContext, name: str
) -> Collection | None:
    """The collection of that name, or None if it is of another type."""
    found = await context.world.artifacts.collections.find(kind.entity, kind.project, name)
    return found if found is not None and found.type == kind.name else None


@field("ArtifactType", "artifactSequences")
@field("ArtifactType", "artifactCollections")
async def collections_of_type(
    kind: ArtifactType,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    """The collections of this type, newest first."""
    found = await context.world.artifacts.collections.of_project(
        kind.entity, kind.project, kind.name
    )
    return _collections(found, filters, order, first, after)


@field("ArtifactSequence", "state")
def state(_collection: Collection, _context: GraphQLContext) -> str:
    """Nobody can delete a collection yet."""
    return "READY"


@field("ArtifactSequence", "project")
async def project_of(collection: Collection, context: GraphQLContext) -> Project | None:
    """The project it is in."""
    return await context.world.projects.find(collection.entity, collection.project)


@field("ArtifactSequence", "defaultArtifactType")
async def default_artifact_type(
    collection: Collection, context: GraphQLContext
) -> ArtifactType | None:
    """The type of its versions."""
    return await context.world.artifacts.types.find(
        collection.entity, collection.project, collection.type
    )


@field("ArtifactSequence", "tags")
def tags(_collection: Collection, _context: GraphQLContext) -> dict[str, Any]:
    """Nobody can tag a collection yet."""
    return {"edges": []}


@field("ArtifactSequence", "aliases")
async def aliases(
    collection: Collection,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The aliases of all members by name, without the version numbers."""
    found = await context.world.artifacts.memberships.aliases_in(collection.id)
    return counted(sorted(found, key=_alias_name), _alias_name, first, after)


@field("ArtifactSequence", "latestArtifact")
async def latest_artifact(collection: Collection, context: GraphQLContext) -> Artifact | None:
    """The committed version with the alias `latest`, or None."""
    return await context.world.artifacts.latest(collection)


@field("ArtifactSequence", "artifacts")
async def artifacts(
    collection: Collection,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    """Its versions, newest first."""
    pairs: list[Member] = []
    for member in await context.world.artifacts.memberships.of_collection(collection.id):
        artifact = await context.world.artifacts.versions.find(member.artifact)
        if artifact is not None:
            pairs.append((member, artifact))
    listed = selected(
        pairs,
        lambda pair: pair[0].version_index,
        BY_MEMBER,
        filters=filters,
        order=order,
        first=first,
        after=after,
    )
    for edge in listed["edges"]:
        member, edge["node"] = edge["node"]
        edge["version"] = member.version
    return listed


def _collections(
    found: list[Collection],
    filters: str | None,
    order: str | None,
    first: int | None,
    after: str | None,
) -> dict[str, Any]:
    return selected(
        found,
        lambda collection: node_number(collection.id),
        BY_COLLECTION,
        filters=filters,
        order=order,
        first=first,
        after=after,
    )


def _alias_name(alias: Alias) -> str:
    return alias.name
