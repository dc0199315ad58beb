"""Uploads artifacts to the backend the way an SDK does, step by step."""

import base64
import hashlib
from collections.abc import Mapping

from mockwb.backend.artifact import Artifact, ArtifactState, ManifestType
from mockwb.backend.artifact_files import BlobPath, NewFile
from mockwb.backend.artifact_manifest import Manifest, ManifestEntry, PolicyConfig
from mockwb.backend.artifact_manifests import manifest_path
from mockwb.backend.artifact_versions import NewVersion
from mockwb.backend.artifacts import Artifacts
from mockwb.backend.blob_store import BlobStore
from mockwb.backend.memory_store import MemoryStore
from mockwb.clock import VirtualClock


def md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


class ArtifactClient:
    """One client and the server's artifacts."""

    def __init__(self, entity: str = "team", project: str = "proj", run: str = "run1") -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore(BlobStore(memory_threshold=1 << 20, max_size=1 << 30))
        self.artifacts = Artifacts(self.store, self.clock)
        self.entity, self.project, self.run = entity, project, run
        self.sent: list[str] = []
        """Names of the files whose bytes were asked for and sent."""

    def new_version(self, name: str, files: Mapping[str, bytes], **changes: object) -> NewVersion:
        fields: dict[str, object] = {
            "entity": self.entity,
            "project": self.project,
            "type": "dataset",
            "collection": name,
            "digest": Manifest(1, _entries(files)).digest,
            "user": "ada",
            "run": self.run,
            "deduplicate": True,
            "aliases": ("latest",),
        }
        return NewVersion(**(fields | changes))  # type: ignore[arg-type]

    async def log(
        self,
        name: str,
        files: Mapping[str, bytes],
        kind: ManifestType = ManifestType.FULL,
        base: str | None = None,
        **changes: object,
    ) -> Artifact:
        """Upload a version, or only what is missing of it, and commit it."""
        artifact = await self.artifacts.versions.create(self.new_version(name, files, **changes))
        if artifact.state is ArtifactState.COMMITTED:
            return artifact
        await self.send(artifact, files, kind, base)
        return await self.artifacts.commit(artifact.id)

    async def send(
        self,
        artifact: Artifact,
        files: Mapping[str, bytes],
        kind: ManifestType = ManifestType.FULL,
        base: str | None = None,
        run: str | None = None,
    ) -> None:
        """Upload files and manifest, without committing."""
        births = {}
        for path, content in files.items():
            wish = NewFile(name=path, md5=md5(content))
            upload = await self.artifacts.files.request(artifact, wish, "V2")
            births[path] = upload.birth.id
            if not upload.stored:
                self.sent.append(path)
                await self.put(upload.path, content)
        manifest = Manifest(
            1, _entries(files, births), storage_policy_config=PolicyConfig(storage_layout="V2")
        )
        await self.send_manifest(artifact, manifest.encode(), kind, base, run)

    async def send_manifest(
        self,
        artifact: Artifact,
        document: bytes,
        kind: ManifestType = ManifestType.FULL,
        base: str | None = None,
        run: str | None = None,
    ) -> None:
        stored = await self.artifacts.manifests.announce(
            artifact, run or self.run, kind, "wandb_manifest.json", md5(document), base
        )
        await self.put(manifest_path(artifact, stored), document)

    async def put(self, path: BlobPath, content: bytes) -> None:
        writer = self.store.blob_writer(path.key)
        await writer.write(content)
        await writer.commit()

    async def download(self, artifact: Artifact) -> dict[str, bytes]:
        """The bytes of every file of a version."""
        files = await self.artifacts.files.listing(artifact)
        return {file.name: await self.read(file.path) for file in files if file.path is not None}

    async def read(self, path: BlobPath) -> bytes:
        return b"".join([chunk async for chunk in self.store.read_blob(path.key)])

    async def named(self, name: str) -> str | None:
        """Id of the version that a name stands for."""
        member = await self.artifacts.resolve(self.entity, self.project, name)
        return None if member is None else member.artifact

    async def aliases(self, artifact: Artifact) -> set[str]:
        member = await self.artifacts.memberships.find(artifact.sequence, artifact.id)
        assert member is not None
        return {alias.name for alias in await self.artifacts.memberships.aliases_of(member)}


def _entries(
    files: Mapping[str, bytes], births: Mapping[str, str] | None = None
) -> dict[str, ManifestEntry]:
    return {
        path: ManifestEntry(
            digest=md5(content),
            size=len(content),
            birth_artifact=births[path] if births else None,
        )
        for path, content in files.items()
    }
