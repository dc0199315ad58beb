"""Versions of artifacts: found by id, by a client's id or by name, and what they are."""

import hashlib
from typing import Any

from mockwb.backend.artifact import Alias, Artifact, ArtifactType, Collection, Membership
from mockwb.backend.node_ids import node_id, node_number
from mockwb.backend.projects import Project
from mockwb.backend.run import Run, RunKey
from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field, represent
from mockwb.wire.graphql.resolvers.artifact_memberships import shown_aliases
from mockwb.wire.graphql.resolvers.artifact_pages import counted, counted_by_index

represent(Run, "Run")
represent(User, "User")


@field("Query", "artifact")
async def artifact_by_id(_root: None, context: GraphQLContext, id: str) -> Artifact | None:  # noqa: A002 -- named by the schema
    """The version with that id, committed or not; or None."""
    artifact = await context.world.artifacts.versions.find(id)
    if artifact is not None:
        context.touch_project(artifact.entity, artifact.project)
    return artifact


@field("Query", "clientIDMapping")
async def client_id_mapping(
    _root: None, context: GraphQLContext, client_id: str
) -> dict[str, Any] | None:
    """The server's id for a client's; known from the moment a version is asked for."""
    artifact = await context.world.artifacts.versions.by_client_id(client_id)
    return None if artifact is None else {"server_id": artifact.id}


@field("Project", "artifact")
async def artifact_by_name(
    project: Project,
    context: GraphQLContext,
    name: str,
    enable_tracking: bool | None = None,  # for W&B's own statistics
) -> Artifact | None:
    """A committed version by name, or None."""
    member = await context.world.artifacts.resolve(project.entity, project.name, name)
    return None if member is None else await context.world.artifacts.versions.find(member.artifact)


@field("ArtifactType", "artifact")
async def artifact_of_type(
    kind: ArtifactType, context: GraphQLContext, name: str
) -> Artifact | None:
    """A committed version by name, or None; None too if it is of another type."""
    member = await context.world.artifacts.resolve(kind.entity, kind.project, name)
    if member is None:
        return None
    found = await context.world.artifacts.versions.find(member.artifact)
    return found if found is not None and found.type == kind.name else None


@field("Artifact", "artifactSequence")
async def artifact_sequence(artifact: Artifact, context: GraphQLContext) -> Collection | None:
    """The collection it was born in."""
    return await context.world.artifacts.collections.get(artifact.sequence)


@field("Artifact", "artifactType")
async def artifact_type(artifact: Artifact, context: GraphQLContext) -> ArtifactType | None:
    """Its type."""
    return await context.world.artifacts.types.find(
        artifact.entity, artifact.project, artifact.type
    )


@field("Artifact", "ttlDurationSeconds")
def ttl_duration_seconds(artifact: Artifact, _context: GraphQLContext) -> int:
    """How long it lives, negative for ever."""
    return artifact.expires_after


@field("Artifact", "tags")
def tags(artifact: Artifact, _context: GraphQLContext) -> list[dict[str, str]]:
    """Its tags, the same in every collection."""
    owner = (artifact.entity, artifact.project)
    return [{"id": node_id("Tag", *owner, tag), "name": tag} for tag in artifact.tags]


@field("Artifact", "commitHash")
def commit_hash(artifact: Artifact, _context: GraphQLContext) -> str:
    """Names this version's content; SDKs insist on some text."""
    text = f"{artifact.id}:{artifact.digest}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:20]


@field("Artifact", "aliases")
async def aliases(artifact: Artifact, context: GraphQLContext) -> list[Alias]:
    """Its aliases in all collections."""
    members = await context.world.artifacts.memberships.of_artifact(artifact.id)
    return [alias for member in members for alias in await shown_aliases(member, context)]


@field("Artifact", "artifactMemberships")
async def artifact_memberships(
    artifact: Artifact,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The collections it is in, the one it was born in first."""
    members: list[Membership] = await context.world.artifacts.memberships.of_artifact(artifact.id)
    return counted(members, lambda member: node_number(member.id), first, after)


@field("Artifact", "createdBy")
async def created_by(artifact: Artifact, context: GraphQLContext) -> Run | User | None:
    """The run that logged it, if it still exists; or the user who made it without a run."""
    if artifact.run is None:
        return await context.world.users.get(artifact.user)
    return await context.world.runs.find(RunKey(artifact.entity, artifact.project, artifact.run))


@field("Artifact", "usedBy")
async def used_by(
    artifact: Artifact,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The runs that use it and still exist."""
    keys = await context.world.artifacts.usage.users(artifact.id)
    runs = [await context.world.runs.find(key) for key in keys]
    return counted_by_index(runs, first, after)


async def _versions(context: GraphQLContext, ids: list[str]) -> list[Artifact | None]:
    return [await context.world.artifacts.versions.find(artifact_id) for artifact_id in ids]


@field("Run", "inputArtifacts")
async def input_artifacts(
    run: Run, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """The versions that the run uses, in order."""
    ids = await context.world.artifacts.usage.inputs(run.key)
    found = await _versions(context, ids)
    return counted_by_index(found, first, after)


@field("Run", "outputArtifacts")
async def output_artifacts(
    run: Run, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """The versions that the run logged, in order."""
    ids = await context.world.artifacts.usage.outputs(run.key)
    found = await _versions(context, ids)
    return counted_by_index(found, first, after)
