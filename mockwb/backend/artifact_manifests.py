"""Stored manifests: announced by clients, uploaded as blobs, merged by the server."""

import msgspec

from mockwb.backend.artifact import Artifact, ManifestType, StoredManifest
from mockwb.backend.artifact_files import BlobPath, file_path
from mockwb.backend.artifact_manifest import Manifest, parse_manifest
from mockwb.backend.errors import ConflictError, InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.store import BlobInfo, Store

RECORDS = "artifact-manifest"


class ArtifactManifests:
    """The manifests of all artifacts of one server."""

    def __init__(self, store: Store) -> None:
        """Keep them in `store`."""
        self._store = store

    async def announce(
        self,
        artifact: Artifact,
        run: str,
        kind: ManifestType,
        name: str,
        digest: str,
        base: str | None,
    ) -> StoredManifest:
        """Note that `run` will upload a manifest; the same again changes digest and base."""
        table = _of_artifact(artifact.id)
        kept = await self._store.get(table, f"{kind}/{run}")
        if kept is not None:
            return await self.change(kept, digest, base)
        number = await self._store.next_number(RECORDS)
        created = StoredManifest(
            id=node_id("ArtifactManifest", number),
            number=number,
            artifact=artifact.id,
            run=run,
            name=name,
            type=kind,
            digest=digest,
            base=base,
        )
        await self._store.put(table, f"{kind}/{run}", created.id)
        await self._store.put(RECORDS, created.id, created)
        return created

    async def change(
        self, manifest_id: str, digest: str | None, base: str | None
    ) -> StoredManifest:
        """Change digest and base where given; NotFoundError without such a manifest."""
        kept = await self.get(manifest_id)
        if kept is None:
            raise NotFoundError(f"artifact manifest {manifest_id} not found")
        changed = msgspec.structs.replace(
            kept, digest=kept.digest if digest is None else digest, base=base or kept.base
        )
        await self._store.put(RECORDS, changed.id, changed)
        return changed

    async def get(self, manifest_id: str) -> StoredManifest | None:
        """The manifest with that id, or None."""
        found: StoredManifest | None = await self._store.get(RECORDS, manifest_id)
        return found

    async def of_artifact(self, artifact: Artifact) -> list[StoredManifest]:
        """The manifests of a version, in the order in which they were announced."""
        found = [
            await self.get(manifest_id)
            for manifest_id in await self._store.records(_of_artifact(artifact.id))
        ]
        return [manifest for manifest in found if manifest is not None]

    async def read(self, artifact: Artifact, stored: StoredManifest) -> Manifest:
        """The document; InvalidError if it has not arrived whole, or is not one."""
        path = manifest_path(artifact, stored)
        blob = await self._store.blob_info(path.key)
        if blob is None:
            raise InvalidError(f"{stored.name} of artifact {artifact.id} has not been uploaded")
        if stored.digest not in ("", blob.md5):
            raise ConflictError(
                f"{stored.name} of artifact {artifact.id} was announced with digest"
                f" {stored.digest}, but {blob.md5} was uploaded"
            )
        chunks = [chunk async for chunk in self._store.read_blob(path.key)]
        return parse_manifest(b"".join(chunks))

    async def write(self, artifact: Artifact, manifest: Manifest) -> StoredManifest:
        """Store a document that the server made itself, as a full manifest."""
        stored = await self.announce(
            artifact, "", ManifestType.FULL, "wandb_manifest.json", "", None
        )
        writer = self._store.blob_writer(manifest_path(artifact, stored).key)
        await writer.write(manifest.encode())
        blob: BlobInfo = await writer.commit()
        return await self.change(stored.id, blob.md5, None)


def manifest_path(artifact: Artifact, stored: StoredManifest) -> BlobPath:
    """Where a manifest's bytes lie."""
    return file_path(artifact, f"manifest-{stored.number}.json")


def _of_artifact(artifact_id: str) -> str:
    return f"artifact-manifest-of/{artifact_id}"
