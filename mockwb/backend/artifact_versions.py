"""Versions of artifacts: asked for, found and changed. `artifact_commit` completes them."""

import msgspec

from mockwb.backend.artifact import (
    Artifact,
    ArtifactState,
    Collection,
    DigestAlgorithm,
)
from mockwb.backend.artifact_collections import ArtifactCollections
from mockwb.backend.artifact_files import RECORDS
from mockwb.backend.artifact_memberships import ArtifactMemberships, check_alias
from mockwb.backend.artifact_usage import ArtifactUsage
from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id
from mockwb.backend.run import RunKey
from mockwb.backend.store import Store
from mockwb.clock import Clock

CLIENT_IDS = "artifact-client"
REGION = "default"
"""The only storage region there is."""


class NewVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for with CreateArtifact."""

    entity: str
    project: str
    type: str
    collection: str
    digest: str
    user: str
    run: str | None = None
    digest_algorithm: DigestAlgorithm = DigestAlgorithm.MANIFEST_MD5
    description: str | None = None
    metadata: str | None = None
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ttl_seconds: int | None = None
    history_step: int | None = None
    deduplicate: bool = False
    """Take the committed version with the same digest, if there is one."""
    distributed_id: str | None = None
    """Shared by the runs that fill one version together."""
    client_id: str | None = None
    sequence_client_id: str | None = None
    storage_region: str | None = None


class ArtifactChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to change about a version; None leaves a value as it is."""

    description: str | None = None
    metadata: str | None = None
    ttl_seconds: int | None = None
    tags_to_add: tuple[str, ...] = ()
    tags_to_delete: tuple[str, ...] = ()


class ArtifactVersions:
    """All versions of one server."""

    def __init__(
        self,
        store: Store,
        collections: ArtifactCollections,
        memberships: ArtifactMemberships,
        usage: ArtifactUsage,
        clock: Clock,
    ) -> None:
        """Keep them in `store`."""
        self._store = store
        self._collections = collections
        self._memberships = memberships
        self._usage = usage
        self._clock = clock

    async def find(self, artifact_id: str) -> Artifact | None:
        """The version with that id, or None."""
        artifact: Artifact | None = await self._store.get(RECORDS, artifact_id)
        return artifact

    async def get(self, artifact_id: str) -> Artifact:
        """The version with that id; NotFoundError without it."""
        artifact = await self.find(artifact_id)
        if artifact is None:
            raise NotFoundError(f"artifact {artifact_id} not found")
        return artifact

    async def by_client_id(self, client_id: str) -> Artifact | None:
        """The version that a client made under this id, committed or not; or None."""
        artifact_id = await self._store.get(CLIENT_IDS, client_id)
        return None if artifact_id is None else await self.find(artifact_id)

    async def put(self, artifact: Artifact) -> None:
        """Store a changed version."""
        await self._store.put(RECORDS, artifact.id, artifact)

    async def create(self, new: NewVersion) -> Artifact:
        """The version to upload to, or the committed one that has the same content.

        The same client id again gives the same version. InvalidError for names, aliases, an
        algorithm or a region that this server refuses.
        """
        known = await self._known(new)
        if known is not None:
            return known
        _check(new)
        sequence = await self._collections.ensure(
            new.entity, new.project, new.collection, new.type, new.digest_algorithm
        )
        if new.sequence_client_id:
            await self._collections.map_client_id(new.sequence_client_id, sequence.id)
        artifact = await self._shared(sequence, new) or await self._equal(sequence, new)
        if artifact is None:
            artifact = await self._open(sequence, new)
        if new.client_id:
            await self._store.put(CLIENT_IDS, new.client_id, artifact.id)
        return artifact

    async def change(self, artifact: Artifact, change: ArtifactChange) -> Artifact:
        """Change a version; the changed one."""
        kept = [tag for tag in artifact.tags if tag not in change.tags_to_delete]
        wanted = {
            "description": change.description,
            "metadata": change.metadata,
            "ttl_seconds": change.ttl_seconds,
        }
        changed = msgspec.structs.replace(
            artifact,
            **{name: value for name, value in wanted.items() if value is not None},
            tags=tuple(dict.fromkeys([*kept, *change.tags_to_add])),
            updated_at=self._clock.wall(),
        )
        await self.put(changed)
        return changed

    async def remember_digest(self, artifact: Artifact) -> None:
        """Let later uploads with the same digest find this committed version."""
        await self._store.put(_digests(artifact.sequence), artifact.digest, artifact.id)

    async def close_shared(self, artifact: Artifact) -> None:
        """Let the distributed id of a committed version open a new one from now on."""
        if artifact.distributed_id:
            await self._store.delete(_distributed(artifact.sequence), artifact.distributed_id)

    async def _known(self, new: NewVersion) -> Artifact | None:
        artifact = await self.by_client_id(new.client_id) if new.client_id else None
        # Writers of a shared version each know only a part of it.
        if artifact is not None and not new.distributed_id and artifact.digest != new.digest:
            raise InvalidError(
                f"Invalid Client ID digest: {new.digest} differs from {artifact.digest}"
            )
        return artifact

    async def _shared(self, sequence: Collection, new: NewVersion) -> Artifact | None:
        if not new.distributed_id:
            return None
        artifact_id = await self._store.get(_distributed(sequence.id), new.distributed_id)
        return None if artifact_id is None else await self.find(artifact_id)

    async def _equal(self, sequence: Collection, new: NewVersion) -> Artifact | None:
        if not new.deduplicate or new.distributed_id:
            return None
        artifact_id = await self._store.get(_digests(sequence.id), new.digest)
        artifact = None if artifact_id is None else await self.find(artifact_id)
        if artifact is None or artifact.state is not ArtifactState.COMMITTED:
            return None
        for alias in new.aliases:
            await self._memberships.give_alias(sequence.id, artifact.id, alias)
        if new.run is not None:
            run = RunKey(new.entity, new.project, new.run)
            await self._usage.note_output(run, artifact.id)
        if set(new.tags) <= set(artifact.tags):
            return artifact
        return await self.change(artifact, ArtifactChange(tags_to_add=new.tags))

    async def _open(self, sequence: Collection, new: NewVersion) -> Artifact:
        number = await self._store.next_number(RECORDS)
        now = self._clock.wall()
        artifact = Artifact(
            id=node_id("Artifact", number),
            number=number,
            entity=new.entity,
            project=new.project,
            type=new.type,
            sequence=sequence.id,
            digest=new.digest,
            digest_algorithm=new.digest_algorithm,
            created_at=now,
            updated_at=now,
            user=new.user,
            run=new.run,
            description=new.description,
            metadata=new.metadata,
            aliases=new.aliases,
            tags=tuple(dict.fromkeys(new.tags)),
            ttl_seconds=new.ttl_seconds,
            history_step=new.history_step,
            distributed_id=new.distributed_id,
        )
        await self.put(artifact)
        if new.distributed_id:
            await self._store.put(_distributed(sequence.id), new.distributed_id, artifact.id)
        return artifact


def _check(new: NewVersion) -> None:
    """InvalidError for what this server refuses, before anything is stored."""
    for alias in new.aliases:
        check_alias(alias)
    if new.digest_algorithm is not DigestAlgorithm.MANIFEST_MD5:
        raise InvalidError(f"digest algorithm {new.digest_algorithm} is not enabled here")
    if new.storage_region not in (None, "", REGION):
        raise InvalidError(f"storage region {new.storage_region!r} does not exist")


def _digests(sequence: str) -> str:
    return f"artifact-digest/{sequence}"


def _distributed(sequence: str) -> str:
    return f"artifact-distributed/{sequence}"
