"""Bytes of artifacts: where uploads go, what is stored already, which files a version holds.

A blob's key is `artifacts/{entity}/{project}/{artifact number}/{name}`, where `name` is the hex
digest of a file or the name of a manifest. Storage URLs carry the same path, so storing the body
of a PUT under its path is all that an upload takes; nobody needs to be told about it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from mockwb.backend.artifact import Artifact, hex_digest
from mockwb.backend.artifact_manifest import LAYOUT_V1, Manifest, ManifestEntry
from mockwb.backend.errors import InvalidError
from mockwb.backend.store import Store

RECORDS = "artifact"
"""Table of the versions, by id."""


class BlobPath(NamedTuple):
    """Where bytes of an artifact lie, below `artifacts/`."""

    entity: str
    project: str
    number: str
    """Number of the artifact that the bytes were uploaded for."""
    name: str

    @property
    def key(self) -> str:
        """The blob's key in the store, and its path below `/storage/`."""
        return "/".join(("artifacts", *self))


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a client wants to upload."""

    name: str
    """Its path in the version."""
    md5: str
    """Base64 MD5 of its bytes; empty where the client has only the digest."""
    digest: str | None = None
    """Base64 digest as its manifest entry has it; None: the MD5."""


class FileUpload(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the wish to upload a file."""

    name: str
    birth: Artifact
    """The version that owns the bytes."""
    path: BlobPath
    stored: bool
    """The bytes are here already."""


class ArtifactFile(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a committed version."""

    name: str
    digest: str
    size: int
    ref: str | None
    """Where a reference points to; None for stored bytes."""
    path: BlobPath | None
    """Where the bytes lie; None for a reference."""


class ArtifactFiles:
    """The bytes of all artifacts of one server."""

    def __init__(self, store: Store) -> None:
        """Keep blobs and what is known of them in `store`."""
        self._store = store

    async def request(self, artifact: Artifact, file: NewFile, layout: str) -> FileUpload:
        """Say where a file's bytes go, or that the collection has them already.

        InvalidError if the digest is no base64.
        """
        digest = file.digest or file.md5
        name = hex_digest(digest)
        if not name:
            raise InvalidError(f"file {file.name!r} has neither md5 nor digest")
        birth = await self._birth_in(artifact.sequence, digest)
        if birth is not None:
            path = file_path(birth, name)
            blob = await self._store.blob_info(path.key)
            if blob is not None and file.md5 in ("", blob.md5):
                return FileUpload(name=file.name, birth=birth, path=path, stored=True)
        await self._store.put(_births(artifact.sequence), digest, artifact.id)
        path = file_path(artifact, name)
        if layout == LAYOUT_V1:
            await self._store.put(_contents(artifact.entity), name, path)
        return FileUpload(name=file.name, birth=artifact, path=path, stored=False)

    async def births(self, artifact: Artifact, manifest: Manifest) -> list[str | None]:
        """For each entry, the id of the version that its bytes were uploaded for.

        None for references. InvalidError names an entry whose bytes are not here.
        """
        return [
            None if entry.ref is not None else (await self._find(artifact, path, entry)).id
            for path, entry in manifest.contents.items()
        ]

    async def keep_listing(
        self, artifact: Artifact, manifest: Manifest, births: Iterable[str | None]
    ) -> None:
        """Remember what a version holds, sorted by path."""
        rows = zip(manifest.contents.items(), births, strict=True)
        files = [await self._file(path, entry, birth) for (path, entry), birth in rows]
        files.sort(key=lambda file: file.name)
        await self._store.put("artifact-listing", artifact.id, tuple(files))

    async def listing(self, artifact: Artifact) -> Sequence[ArtifactFile]:
        """What a version holds, sorted by path; empty before it is committed."""
        files: Sequence[ArtifactFile] | None = await self._store.get(
            "artifact-listing", artifact.id
        )
        return files or ()

    async def by_birth(self, birth: str, name: str) -> BlobPath | None:
        """Where bytes of layout V2 lie: artifact id and hex digest, as in `/artifactsV2/` URLs."""
        artifact: Artifact | None = await self._store.get(RECORDS, birth)
        return None if artifact is None else file_path(artifact, name)

    async def by_content(self, entity: str, name: str) -> BlobPath | None:
        """Where bytes of layout V1 lie: entity and hex digest, as in `/artifacts/` URLs."""
        path: BlobPath | None = await self._store.get(_contents(entity), name)
        return path

    async def _birth_in(self, sequence: str, digest: str) -> Artifact | None:
        """The version of this sequence that owns the bytes with this digest, or None."""
        birth: str | None = await self._store.get(_births(sequence), digest)
        return None if birth is None else await self._store.get(RECORDS, birth)

    async def _find(self, artifact: Artifact, path: str, entry: ManifestEntry) -> Artifact:
        if entry.birth_artifact:
            birth = await self._store.get(RECORDS, entry.birth_artifact)
        else:
            birth = await self._birth_in(artifact.sequence, entry.digest)
        if birth is not None:
            blob = await self._store.blob_info(file_path(birth, hex_digest(entry.digest)).key)
            # Digests are MD5 here: other algorithms are refused when a version is asked for.
            if blob is not None and blob.md5 == entry.digest:
                found: Artifact = birth
                return found
        raise InvalidError(f"artifact file {path!r} has not been uploaded, or not as announced")

    async def _file(self, path: str, entry: ManifestEntry, birth: str | None) -> ArtifactFile:
        located = None
        if birth is not None:
            located = await self.by_birth(birth, hex_digest(entry.digest))
        return ArtifactFile(
            name=path,
            digest=entry.digest,
            size=entry.size or 0,
            ref=entry.ref,
            path=located,
        )


def file_path(birth: Artifact, name: str) -> BlobPath:
    """Where the bytes called `name` lie that were uploaded for `birth`."""
    return BlobPath(birth.entity, birth.project, str(birth.number), name)


def _births(sequence: str) -> str:
    return f"artifact-birth/{sequence}"


def _contents(entity: str) -> str:
    return f"artifact-content/{entity}"
