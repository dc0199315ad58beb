"""Mutations on versions after their upload: changes, and their use by runs."""

from typing import Any

from mockwb.backend.artifact import ArtifactState
from mockwb.backend.artifact_versions import ArtifactChange
from mockwb.backend.errors import ConflictError, InvalidError
from mockwb.backend.run import RunKey
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.artifact_upload import tag_names


@field("Mutation", "updateArtifact")
async def update_artifact(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """The version with what was given replaced; aliases have mutations of their own."""
    if values.get("aliases") is not None:
        raise InvalidError("updateArtifact: aliases are changed by addAliases and deleteAliases")
    artifact = await context.world.artifacts.versions.get(values["artifact_id"])
    context.touch_project(artifact.entity, artifact.project)
    change = ArtifactChange(
        description=values.get("description"),
        metadata=values.get("metadata"),
        ttl_seconds=values.get("ttl_duration_seconds"),
        tags_to_add=tag_names(values.get("tags_to_add")),
        tags_to_delete=tag_names(values.get("tags_to_delete")),
    )
    return {"artifact": await context.world.artifacts.versions.change(artifact, change)}


@field("Mutation", "useArtifact")
async def use_artifact(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """The version, which the run now has among its inputs."""
    run = RunKey(values["entity_name"], values["project_name"], values["run_name"])
    context.touch_run(run)
    await context.world.runs.get(run)
    artifact = await context.world.artifacts.versions.get(values["artifact_id"])
    if artifact.state is not ArtifactState.COMMITTED:
        raise ConflictError(f"artifact {artifact.id} is not committed yet")
    await context.world.artifacts.usage.note_input(run, artifact.id)
    return {"artifact": artifact}
