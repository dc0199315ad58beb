"""Artifacts as a whole: every noun of them over one store. `World.artifacts` is the one."""

from mockwb.backend.artifact import LATEST, Artifact, Collection, Membership
from mockwb.backend.artifact_collections import ArtifactCollections
from mockwb.backend.artifact_commit import ArtifactCommit
from mockwb.backend.artifact_files import ArtifactFiles
from mockwb.backend.artifact_manifests import ArtifactManifests
from mockwb.backend.artifact_memberships import ArtifactMemberships
from mockwb.backend.artifact_types import ArtifactTypes
from mockwb.backend.artifact_usage import ArtifactUsage
from mockwb.backend.artifact_versions import ArtifactVersions
from mockwb.backend.store import Store
from mockwb.clock import Clock


class Artifacts:
    """What resolvers and handlers reach artifacts through."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Build every noun over `store`."""
        self.types = ArtifactTypes(store, clock)
        self.collections = ArtifactCollections(store, self.types, clock)
        self.memberships = ArtifactMemberships(store, clock)
        self.usage = ArtifactUsage(store)
        self.files = ArtifactFiles(store)
        self.manifests = ArtifactManifests(store)
        self.versions = ArtifactVersions(
            store, self.collections, self.memberships, self.usage, clock
        )
        self._commit = ArtifactCommit(
            self.versions,
            self.collections,
            self.memberships,
            self.manifests,
            self.files,
            self.usage,
            clock,
        )

    async def commit(self, artifact_id: str) -> Artifact:
        """See `ArtifactCommit.commit`."""
        return await self._commit.commit(artifact_id)

    async def resolve(self, entity: str, project: str, name: str) -> Membership | None:
        """The member that `collection`, `collection:alias` or `collection:v3` names, or None.

        Only committed versions are members.
        """
        collection_name, _, alias = name.partition(":")
        collection = await self.collections.find(entity, project, collection_name)
        if collection is None:
            return None
        return await self.memberships.resolve(collection.id, alias or LATEST)

    async def latest(self, collection: Collection) -> Artifact | None:
        """The version that holds the alias `latest`, or None."""
        member = await self.memberships.resolve(collection.id, LATEST)
        return None if member is None else await self.versions.find(member.artifact)
