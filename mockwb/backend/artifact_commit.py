"""Completes versions: merges manifests, numbers the version, gives out aliases."""

import asyncio

import msgspec

from mockwb.backend.artifact import (
    LATEST,
    Artifact,
    ArtifactState,
    ManifestType,
    StoredManifest,
)
from mockwb.backend.artifact_collections import ArtifactCollections
from mockwb.backend.artifact_files import ArtifactFiles
from mockwb.backend.artifact_manifest import Manifest, overlay, with_births
from mockwb.backend.artifact_manifests import ArtifactManifests
from mockwb.backend.artifact_memberships import ArtifactMemberships
from mockwb.backend.artifact_usage import ArtifactUsage
from mockwb.backend.artifact_versions import ArtifactVersions
from mockwb.backend.errors import InvalidError
from mockwb.backend.run import RunKey
from mockwb.clock import Clock


class ArtifactCommit:
    """Turns PENDING versions into COMMITTED ones."""

    def __init__(
        self,
        versions: ArtifactVersions,
        collections: ArtifactCollections,
        memberships: ArtifactMemberships,
        manifests: ArtifactManifests,
        files: ArtifactFiles,
        usage: ArtifactUsage,
        clock: Clock,
    ) -> None:
        """Commit `versions`."""
        self._versions = versions
        self._collections = collections
        self._memberships = memberships
        self._manifests = manifests
        self._files = files
        self._usage = usage
        self._clock = clock
        # Reading blobs yields between looking and changing; the next base must be settled.
        self._one_at_a_time = asyncio.Lock()

    async def commit(self, artifact_id: str) -> Artifact:
        """The committed version; once more changes nothing.

        NotFoundError without such a version; InvalidError or ConflictError if its manifest or
        one of its files has not arrived.
        """
        async with self._one_at_a_time:
            artifact = await self._versions.get(artifact_id)
            if artifact.state is ArtifactState.COMMITTED:
                return artifact
            stored, manifest = await self._settled(artifact)
            births = await self._files.births(artifact, manifest)
            if stored is None:
                manifest = with_births(manifest, births)
                stored = await self._manifests.write(artifact, manifest)
                # The client knew only its own part.
                artifact = msgspec.structs.replace(artifact, digest=manifest.digest)
            await self._files.keep_listing(artifact, manifest, births)
            return await self._publish(artifact, stored, manifest)

    async def _settled(self, artifact: Artifact) -> tuple[StoredManifest | None, Manifest]:
        """What the version holds, and the manifest that says so; None if it has to be written."""
        rows = await self._manifests.of_artifact(artifact)
        if not rows:
            raise InvalidError(f"artifact {artifact.id} has no manifest")
        full = [row for row in rows if row.type is ManifestType.FULL]
        if full:
            return full[-1], await self._manifests.read(artifact, full[-1])
        parts = [await self._manifests.read(artifact, row) for row in rows]
        base = await self._base(rows[-1]) if rows[-1].type is ManifestType.INCREMENTAL else None
        return None, overlay(parts if base is None else [base, *parts])

    async def _base(self, increment: StoredManifest) -> Manifest | None:
        if increment.base is None:
            return None
        base = await self._versions.get(increment.base)
        stored = await self._manifests.get(base.manifest) if base.manifest else None
        if stored is None:
            raise InvalidError(f"base artifact {base.id} is not committed")
        return await self._manifests.read(base, stored)

    async def _publish(
        self, artifact: Artifact, stored: StoredManifest, manifest: Manifest
    ) -> Artifact:
        member = await self._memberships.add(artifact.sequence, artifact.id)
        committed = msgspec.structs.replace(
            artifact,
            state=ArtifactState.COMMITTED,
            version_index=member.version_index,
            manifest=stored.id,
            size=manifest.size,
            file_count=len(manifest.contents),
            updated_at=self._clock.wall(),
        )
        await self._versions.put(committed)
        await self._versions.remember_digest(committed)
        await self._versions.close_shared(committed)
        for alias in dict.fromkeys([LATEST, *artifact.aliases]):
            await self._memberships.give_alias(artifact.sequence, artifact.id, alias)
        sequence = await self._collections.get(artifact.sequence)
        if sequence is not None:
            await self._collections.touch(sequence)
        if artifact.run is not None:
            run = RunKey(artifact.entity, artifact.project, artifact.run)
            await self._usage.note_output(run, artifact.id)
        return committed
