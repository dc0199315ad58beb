"""The manifest document: which files a version holds. Pure; stored by `artifact_manifests`.

The form is the SDK's (wandb/sdk/artifacts/artifact_manifests/artifact_manifest_v1.py).
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError

POLICY = "wandb-storage-policy-v1"
LAYOUT_V1 = "V1"
LAYOUT_V2 = "V2"


class ManifestEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of a version, or a reference to something stored elsewhere."""

    digest: str
    """Base64 digest of a file; of a reference, any text that identifies its content."""
    birth_artifact: str | None = msgspec.field(default=None, name="birthArtifactID")
    """Id of the version that the bytes were uploaded for."""
    size: int | None = None
    """Bytes, if known."""
    ref: str | None = None
    """Where a reference points to."""
    extra: dict[str, Any] = {}


class PolicyConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where the files of a version lie."""

    storage_layout: str = msgspec.field(default=LAYOUT_V1, name="storageLayout")
    storage_region: str | None = msgspec.field(default=None, name="storageRegion")


class Manifest(msgspec.Struct, frozen=True):
    """The whole document."""

    version: int
    contents: dict[str, ManifestEntry]
    """Entries by path in the version."""
    storage_policy: str = msgspec.field(default=POLICY, name="storagePolicy")
    storage_policy_config: PolicyConfig = msgspec.field(
        default=PolicyConfig(), name="storagePolicyConfig"
    )

    @property
    def size(self) -> int:
        """Bytes of all entries whose size is known."""
        return sum(entry.size or 0 for entry in self.contents.values())

    @property
    def digest(self) -> str:
        """Hex MD5 over the sorted `path:digest` lines, as the SDK computes it."""
        md5 = hashlib.md5(b"wandb-artifact-manifest-v1\n", usedforsecurity=False)
        for path, entry in sorted(self.contents.items()):
            md5.update(f"{path}:{entry.digest}\n".encode())
        return md5.hexdigest()

    def encode(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self)


_decoder = msgspec.json.Decoder(Manifest)


def parse_manifest(content: bytes) -> Manifest:
    """The document; InvalidError says what is wrong with it."""
    try:
        manifest = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidError(f"artifact manifest: {error}") from error
    if manifest.version != 1:
        raise InvalidError(f"artifact manifest: version must be 1, got {manifest.version}")
    if manifest.storage_policy != POLICY:
        raise InvalidError(
            f"artifact manifest: storagePolicy must be {POLICY}, got {manifest.storage_policy!r}"
        )
    return manifest


def overlay(manifests: Sequence[Manifest]) -> Manifest:
    """All entries of all manifests; of entries with the same path, the last one."""
    contents: dict[str, ManifestEntry] = {}
    for manifest in manifests:
        contents.update(manifest.contents)
    return msgspec.structs.replace(manifests[-1], contents=contents)


def with_births(manifest: Manifest, births: Iterable[str | None]) -> Manifest:
    """The manifest with the birth artifacts of its entries, given in the order of the entries."""
    contents = {
        path: msgspec.structs.replace(entry, birth_artifact=birth)
        for (path, entry), birth in zip(manifest.contents.items(), births, strict=True)
    }
    return msgspec.structs.replace(manifest, contents=contents)
