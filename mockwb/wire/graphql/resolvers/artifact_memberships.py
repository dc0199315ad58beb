"""Members of collections and their aliases, and the mutations that change aliases."""

from typing import Any

from mockwb.backend.artifact import Alias, Artifact, Collection, Membership
from mockwb.backend.errors import NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.projects import Project
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


async def shown_aliases(member: Membership, context: GraphQLContext) -> list[Alias]:
    """A member's aliases and its version number, which older SDKs look for among them."""
    number = Alias(
        id=node_id("ArtifactAlias", member.id, member.version),
        name=member.version,
        collection=member.collection,
        artifact=member.artifact,
    )
    return [*await context.world.artifacts.memberships.aliases_of(member), number]


@field("Project", "artifactCollectionMembership")
async def membership_by_name(
    project: Project, context: GraphQLContext, name: str
) -> Membership | None:
    """The member that a name stands for, or None."""
    return await context.world.artifacts.resolve(project.entity, project.name, name)


@field("ArtifactSequence", "artifactMembership")
async def membership_by_alias(
    collection: Collection, context: GraphQLContext, alias_name: str
) -> Membership | None:
    """The member that an alias names, or None."""
    return await context.world.artifacts.memberships.resolve(collection.id, alias_name)


@field("ArtifactCollectionMembership", "aliases")
async def aliases(member: Membership, context: GraphQLContext) -> list[Alias]:
    """Its aliases in this collection."""
    return await shown_aliases(member, context)


@field("ArtifactCollectionMembership", "artifactCollection")
async def artifact_collection(member: Membership, context: GraphQLContext) -> Collection | None:
    """The collection."""
    return await context.world.artifacts.collections.get(member.collection)


@field("ArtifactCollectionMembership", "artifact")
async def artifact(member: Membership, context: GraphQLContext) -> Artifact | None:
    """The version."""
    return await context.world.artifacts.versions.find(member.artifact)


@field("ArtifactAlias", "alias")
def alias_name(alias: Alias, _context: GraphQLContext) -> str:
    """The name itself."""
    return alias.name


@field("ArtifactAlias", "artifactCollection")
async def alias_collection(alias: Alias, context: GraphQLContext) -> Collection | None:
    """The collection in which it is a name."""
    return await context.world.artifacts.collections.get(alias.collection)


@field("Mutation", "addAliases")
async def add_aliases(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Let aliases point to a version."""
    memberships = context.world.artifacts.memberships
    for wanted in values["aliases"]:
        collection = await _collection(context, wanted)
        await memberships.give_alias(collection.id, values["artifact_id"], wanted["alias"])
    return {"success": True}


@field("Mutation", "deleteAliases")
async def delete_aliases(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Take aliases from a version; those it has not got are left alone."""
    memberships = context.world.artifacts.memberships
    for unwanted in values["aliases"]:
        collection = await _collection(context, unwanted)
        await memberships.drop_alias(collection.id, values["artifact_id"], unwanted["alias"])
    return {"success": True}


async def _collection(context: GraphQLContext, named: dict[str, Any]) -> Collection:
    entity, project = named["entity_name"], named["project_name"]
    context.touch_project(entity, project)
    name = named["artifact_collection_name"]
    collection = await context.world.artifacts.collections.find(entity, project, name)
    if collection is None:
        raise NotFoundError(f"artifact collection {entity}/{project}/{name} not found")
    return collection
