"""Manifests and files of versions: what there is, and the URLs that lead to the bytes."""

import mimetypes
from typing import Any

from mockwb.backend.artifact import Artifact, Membership, StoredManifest, hex_digest
from mockwb.backend.artifact_files import ArtifactFile, BlobPath
from mockwb.backend.artifact_manifests import manifest_path
from mockwb.backend.errors import NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.run_files import RunFile
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.artifact_pages import counted, counted_by_index

STORAGE_PREFIX = "wandb_artifacts"
"""How W&B's own storage paths begin."""


@field("File", "storagePath")
@field("File", "uploadUrl")
def only_of_artifacts(_file: RunFile, _context: GraphQLContext) -> None:
    """Files of runs have no such thing; those of artifacts answer by themselves."""


@field("File", "digest")
def digest(file: RunFile, _context: GraphQLContext) -> str | None:
    """Of a run's file, the MD5."""
    return file.md5


def storage_path(path: BlobPath) -> str:
    """Where bytes lie, in the form of W&B's own storage paths."""
    return "/".join((STORAGE_PREFIX, *path))


def url_of(path: BlobPath, context: GraphQLContext) -> str:
    """Where to GET bytes without an API key."""
    return context.urls.download(path.key)


def upload_url_of(path: BlobPath, context: GraphQLContext) -> str:
    """Where to PUT them."""
    return context.urls.upload(path.key)


async def manifest_file(
    artifact: Artifact, stored: StoredManifest, context: GraphQLContext
) -> dict[str, Any]:
    """A manifest's document as a file that can be read and, until the commit, written."""
    path = manifest_path(artifact, stored)
    blob = await context.world.store.blob_info(path.key)
    url = url_of(path, context)
    headers = [f"Content-MD5:{stored.digest}"] if stored.digest else []
    return {
        "id": node_id("File", stored.id),
        "name": stored.name,
        "exists": blob is not None,
        "display_name": stored.name,
        "storage_path": storage_path(path),
        "upload_url": upload_url_of(path, context),
        "upload_headers": [*headers, "Content-Type:application/json"],
        "url": url,
        "direct_url": url,
        "size_bytes": blob.size if blob is not None else 0,
        "updated_at": artifact.updated_at,
        "mimetype": "application/json",
        "digest": stored.digest,
        "md5": stored.digest,
    }


@field("Artifact", "currentManifest")
async def current_manifest(artifact: Artifact, context: GraphQLContext) -> dict[str, Any] | None:
    """The manifest that describes the version; None until it is committed."""
    if artifact.manifest is None:
        return None
    stored = await context.world.artifacts.manifests.get(artifact.manifest)
    return None if stored is None else await shown_manifest(artifact, stored, context)


async def shown_manifest(
    artifact: Artifact, stored: StoredManifest, context: GraphQLContext
) -> dict[str, Any]:
    """A manifest as GraphQL shows it."""
    return {
        "id": stored.id,
        "type": stored.type,
        "digest": stored.digest,
        "file": await manifest_file(artifact, stored, context),
    }


@field("Artifact", "files")
async def files_of_artifact(
    artifact: Artifact,
    context: GraphQLContext,
    names: list[str] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The files and references of a version, by name."""
    files = await context.world.artifacts.files.listing(artifact)
    if names is not None:
        wanted = set(names)
        files = [file for file in files if file.name in wanted]
    return counted(
        files,
        lambda file: file.name,
        first,
        after,
        node_of=lambda file: _shown(artifact, file, context),
    )


@field("ArtifactCollectionMembership", "files")
async def files_of_member(
    member: Membership,
    context: GraphQLContext,
    names: list[str] | None = None,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The files and references of the member's version, by name."""
    artifact = await context.world.artifacts.versions.get(member.artifact)
    return await files_of_artifact(artifact, context, names, first, after)


@field("Artifact", "filesByManifestEntries")
async def files_by_manifest_entries(
    artifact: Artifact,
    context: GraphQLContext,
    storage_layout: str,
    manifest_version: str,
    entries: list[dict[str, Any]] | None = None,
    storage_region: str | None = None,
) -> dict[str, Any]:
    """Where the bytes of manifest entries are, in the order of the entries."""
    nodes = []
    for entry in entries or []:
        file = ArtifactFile(
            name=entry["name"],
            digest=entry["digest"],
            size=entry.get("size") or 0,
            ref=entry.get("ref") or None,
            path=await _path_of(artifact, entry, context),
        )
        nodes.append(_shown(artifact, file, context))
    return counted_by_index(nodes, None, None)


async def _path_of(
    artifact: Artifact, entry: dict[str, Any], context: GraphQLContext
) -> BlobPath | None:
    """Where an entry's bytes lie; None for a reference, NotFoundError for an unknown birth."""
    if entry.get("ref"):
        return None
    birth = entry.get("birth_artifact_id") or artifact.id
    path = await context.world.artifacts.files.by_birth(birth, hex_digest(entry["digest"]))
    if path is None:
        raise NotFoundError(f"artifact {birth} not found")
    return path


def _shown(artifact: Artifact, file: ArtifactFile, context: GraphQLContext) -> dict[str, Any]:
    url = file.ref if file.path is None else url_of(file.path, context)
    return {
        "id": node_id("File", artifact.id, file.name),
        "name": file.name,
        "exists": True,
        "upload_url": None,
        "upload_headers": [],
        "display_name": file.name,
        "url": url,
        "direct_url": url,
        "size_bytes": file.size,
        "storage_path": None if file.path is None else storage_path(file.path),
        "mimetype": mimetypes.guess_type(file.name)[0],
        "updated_at": artifact.updated_at,
        "digest": file.digest,
        "md5": file.digest,
    }
