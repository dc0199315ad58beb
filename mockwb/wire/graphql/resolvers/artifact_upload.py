"""The mutations of an upload, in the order in which SDKs send them."""

import mimetypes
from typing import Any

from mockwb.backend.artifact import Artifact, ArtifactState, DigestAlgorithm, ManifestType
from mockwb.backend.artifact_files import FileUpload, NewFile
from mockwb.backend.artifact_manifest import LAYOUT_V2
from mockwb.backend.artifact_versions import NewVersion
from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.run import RunKey
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.artifact_files import shown_manifest, storage_path, upload_url_of


@field("Mutation", "createArtifact")
async def create_artifact(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A version to upload to, or the committed one with the same content."""
    entity, project = values["entity_name"], values["project_name"]
    run = values.get("run_name") or None
    if run is not None:
        key = RunKey(entity, project, run)
        context.touch_run(key)
        await context.world.runs.get(key)
    context.touch_project(entity, project)
    await context.world.projects.ensure(entity, project, context.user)
    new = NewVersion(
        entity=entity,
        project=project,
        type=values["artifact_type_name"],
        collection=_collection_name(values),
        digest=values["digest"],
        user=context.user,
        run=run,
        digest_algorithm=DigestAlgorithm(
            values.get("digest_algorithm") or DigestAlgorithm.MANIFEST_MD5
        ),
        description=values.get("description"),
        metadata=values.get("metadata"),
        aliases=tuple(alias["alias"] for alias in values.get("aliases") or ()),
        tags=tag_names(values.get("tags")),
        ttl_seconds=values.get("ttl_duration_seconds"),
        history_step=values.get("history_step"),
        deduplicate=bool(values.get("enable_digest_deduplication")),
        distributed_id=values.get("distributed_id"),
        client_id=values.get("client_id"),
        sequence_client_id=values.get("sequence_client_id"),
        storage_region=values.get("storage_region"),
    )
    return {"artifact": await context.world.artifacts.versions.create(new)}


def _collection_name(values: dict[str, Any]) -> str:
    names = values.get("artifact_collection_names") or [values.get("artifact_collection_name")]
    if len(names) != 1 or not names[0]:
        raise InvalidError("createArtifact needs the name of one artifact collection")
    return str(names[0])


def tag_names(tags: list[dict[str, Any]] | None) -> tuple[str, ...]:
    """The names in a list of TagInput."""
    return tuple(tag["tag_name"] for tag in tags or ())


@field("Mutation", "createArtifactManifest")
async def create_artifact_manifest(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """A manifest to write, also when it is announced for the second time."""
    artifact = await _pending(context, values["artifact_id"])
    stored = await context.world.artifacts.manifests.announce(
        artifact,
        values["run_name"],
        ManifestType(values.get("type") or ManifestType.FULL),
        values["name"],
        values["digest"],
        values.get("base_artifact_id"),
    )
    return {"artifact_manifest": await shown_manifest(artifact, stored, context)}


@field("Mutation", "updateArtifactManifest")
async def update_artifact_manifest(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """The same manifest with another digest or base."""
    manifests = context.world.artifacts.manifests
    kept = await manifests.get(values["artifact_manifest_id"])
    if kept is None:
        raise NotFoundError(f"artifact manifest {values['artifact_manifest_id']} not found")
    artifact = await _pending(context, kept.artifact)
    stored = await manifests.change(kept.id, values.get("digest"), values.get("base_artifact_id"))
    return {"artifact_manifest": await shown_manifest(artifact, stored, context)}


@field("Mutation", "createArtifactFiles")
async def create_artifact_files(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """For each file, in the same order, where to put it or that it is here already."""
    artifacts = {
        artifact_id: await _pending(context, artifact_id)
        for artifact_id in {spec["artifact_id"] for spec in values["artifact_files"]}
    }
    layout = values.get("storage_layout") or LAYOUT_V2
    edges = []
    for spec in values["artifact_files"]:
        wish = NewFile(name=spec["name"], md5=spec["md5"], digest=spec.get("digest"))
        upload = await context.world.artifacts.files.request(
            artifacts[spec["artifact_id"]], wish, layout
        )
        edges.append({"node": _shown_upload(wish, upload, spec.get("mimetype"), context)})
    return {"files": {"edges": edges}}


def _shown_upload(
    wish: NewFile, upload: FileUpload, mimetype: str | None, context: GraphQLContext
) -> dict[str, Any]:
    kind = mimetype or mimetypes.guess_type(wish.name)[0] or "application/octet-stream"
    headers = [f"Content-MD5:{wish.md5}"] if wish.md5 else []
    return {
        "id": node_id("File", upload.birth.id, upload.path.name),
        "name": wish.name,
        "display_name": wish.name,
        "storage_path": storage_path(upload.path),
        "upload_url": None if upload.stored else upload_url_of(upload.path, context),
        "upload_headers": [*headers, f"Content-Type:{kind}"],
        "artifact": upload.birth,
    }


@field("Mutation", "commitArtifact")
async def commit_artifact(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """The version, complete and with its names."""
    artifact = await context.world.artifacts.commit(values["artifact_id"])
    context.touch_project(artifact.entity, artifact.project)
    return {"artifact": artifact}


async def _pending(context: GraphQLContext, artifact_id: str) -> Artifact:
    artifact = await context.world.artifacts.versions.get(artifact_id)
    context.touch_project(artifact.entity, artifact.project)
    if artifact.state is ArtifactState.COMMITTED:
        raise ConflictError(f"artifact {artifact_id} is committed and cannot be changed")
    return artifact
