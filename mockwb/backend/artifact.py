"""What is known of artifacts: collections, versions, memberships, aliases, manifests.

Everybody who handles artifacts reads these records; the nouns in `artifacts` make and change them.
"""

import base64
from enum import StrEnum

import msgspec

from mockwb.backend.errors import InvalidError


class ArtifactState(StrEnum):
    """States of a version, as W&B spells them."""

    PENDING = "PENDING"
    """Created, its files or its manifest still on their way."""
    COMMITTED = "COMMITTED"
    DELETED = "DELETED"


class ManifestType(StrEnum):
    """What a manifest says about the version it belongs to."""

    FULL = "FULL"
    """All there is."""
    INCREMENTAL = "INCREMENTAL"
    """What comes on top of the base version."""
    PATCH = "PATCH"
    """One writer's share of a version that several runs fill."""


class DigestAlgorithm(StrEnum):
    """How digests of files and manifests are computed."""

    MANIFEST_MD5 = "MANIFEST_MD5"
    MANIFEST_XXH128 = "MANIFEST_XXH128"


LATEST = "latest"
"""The alias that names without one stand for."""
TTL_NONE = -2
"""Time to live of a version that never expires (wandb/sdk/artifacts/_internal_artifact.py)."""
TTL_INHERIT = -1
"""Asks for the default of the project or team."""


class ArtifactType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of artifacts in one project."""

    id: str
    entity: str
    project: str
    name: str
    created_at: float
    """Seconds since the Unix epoch."""
    description: str | None = None


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence: the versions that were logged under one name."""

    id: str
    entity: str
    project: str
    name: str
    type: str
    """Name of its artifact type."""
    created_at: float
    updated_at: float
    description: str | None = None
    digest_algorithm: DigestAlgorithm = DigestAlgorithm.MANIFEST_MD5


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """One version, from the moment it is asked for."""

    id: str
    number: int
    """The number in `id`."""
    entity: str
    project: str
    type: str
    sequence: str
    """Id of the collection it was born in."""
    digest: str
    """Hex digest of the manifest."""
    created_at: float
    updated_at: float
    user: str
    """User name of the API key."""
    run: str | None = None
    """Short id of the run that logged it, in the same project; None if a user made it."""
    state: ArtifactState = ArtifactState.PENDING
    digest_algorithm: DigestAlgorithm = DigestAlgorithm.MANIFEST_MD5
    description: str | None = None
    metadata: str | None = None
    """JSON text as the client sent it."""
    aliases: tuple[str, ...] = ()
    """Asked for when it was created; they are given out when it is committed."""
    tags: tuple[str, ...] = ()
    ttl_seconds: int | None = None
    """None: the default applies."""
    history_step: int | None = None
    distributed_id: str | None = None
    version_index: int | None = None
    """Counts the committed versions of its sequence from 0."""
    manifest: str | None = None
    """Id of the manifest that describes it, once committed."""
    size: int = 0
    """Bytes of all entries."""
    file_count: int = 0

    @property
    def expires_after(self) -> int:
        """Seconds it lives, or TTL_NONE. No project here has a default."""
        return TTL_NONE if self.ttl_is_inherited else self.ttl_seconds or TTL_NONE

    @property
    def ttl_is_inherited(self) -> bool:
        """Whether nobody gave it a time to live of its own."""
        return self.ttl_seconds is None or self.ttl_seconds == TTL_INHERIT


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A version as a member of a collection."""

    id: str
    collection: str
    """Id of the collection."""
    artifact: str
    """Id of the version."""
    version_index: int
    """Its number in this collection."""
    created_at: float

    @property
    def version(self) -> str:
        """`v0`, `v1`, ...: the name that never moves."""
        return f"v{self.version_index}"


class Alias(msgspec.Struct, frozen=True, kw_only=True):
    """A movable name of one member of a collection."""

    id: str
    name: str
    collection: str
    artifact: str


class StoredManifest(msgspec.Struct, frozen=True, kw_only=True):
    """A manifest that was announced or written for a version."""

    id: str
    number: int
    artifact: str
    run: str
    """Short id of the run that writes it; empty for the server's own."""
    name: str
    type: ManifestType
    digest: str = ""
    """Base64 MD5 of its bytes; empty until known."""
    base: str | None = None
    """Id of the version that an increment builds on."""


def hex_digest(digest: str) -> str:
    """A file's base64 digest in hex, as URLs and blob keys have it; InvalidError if it is none."""
    try:
        return base64.b64decode(digest, validate=True).hex()
    except ValueError as error:
        raise InvalidError(f"{digest!r} is not a base64 digest") from error
