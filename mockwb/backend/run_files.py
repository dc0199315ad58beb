"""Files that clients uploaded for a run: names, sizes, digests. The bytes are blobs."""

import mimetypes
from collections.abc import Sequence

import msgspec

from mockwb.backend.client_patterns import like
from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.node_ids import node_id, node_parts
from mockwb.backend.run import RunKey
from mockwb.backend.store import BlobInfo, Store
from mockwb.clock import Clock

MAX_FILE_NAME = 4096


class RunFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a run, or the place where one may be uploaded."""

    entity: str
    project: str
    run: str
    name: str
    """Relative to the run, with slashes."""
    size: int = 0
    """Bytes."""
    md5: str | None = None
    """Base64 of the digest; None before anything was uploaded."""
    mimetype: str | None = None
    updated_at: float | None = None
    """Seconds since the Unix epoch; None before anything was uploaded."""

    @property
    def id(self) -> str:
        """Opaque id; stays when the content is replaced."""
        return node_id("File", "v1", self.entity, self.project, self.run, self.name)

    @property
    def exists(self) -> bool:
        """Whether there is content."""
        return self.updated_at is not None


class RunFiles:
    """All files of all runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Keep records and blobs in `store`."""
        self._store = store
        self._clock = clock

    async def stored(
        self, key: RunKey, name: str, info: BlobInfo, content_type: str | None = None
    ) -> RunFile:
        """Note that the blob of a file was (re)placed; storage calls this after each upload."""
        mimetype = mimetypes.guess_type(name)[0] or content_type or "application/octet-stream"
        file = RunFile(
            entity=key.entity,
            project=key.project,
            run=key.name,
            name=name,
            size=info.size,
            md5=info.md5,
            mimetype=mimetype,
            updated_at=self._clock.wall(),
        )
        await self._store.put(_table(key), name, file)
        return file

    async def all(self, key: RunKey) -> list[RunFile]:
        """Every uploaded file of a run, by name."""
        files: list[RunFile] = await self._store.records(_table(key))
        return sorted(files, key=lambda file: file.name)

    async def named(self, key: RunKey, names: Sequence[str]) -> list[RunFile]:
        """One entry per name in the order asked for; a place to upload to where nothing is yet."""
        found = []
        for asked in names:
            name = asked.removeprefix("./")  # as `wandb verify` writes the name of a saved file
            check_file_name(name)
            file: RunFile | None = await self._store.get(_table(key), name)
            found.append(file or placeholder(key, name))
        return found

    async def matching(self, key: RunKey, pattern: str) -> list[RunFile]:
        """Files whose whole name matches a LIKE pattern: `%` any text, `_` one character."""
        wanted = like(pattern)
        return [file for file in await self.all(key) if wanted.is_all_of(file.name)]

    async def delete(self, file_id: str) -> RunKey:
        """Drop a file and its bytes; whose it was. NotFoundError without it."""
        parts = node_parts("File", file_id)
        if parts is None or len(parts) < 5:
            raise NotFoundError(f"file {file_id} not found")
        _version, entity, project, run, *rest = parts
        key, name = RunKey(entity, project, run), ":".join(rest)
        if not await self._store.delete(_table(key), name):
            raise NotFoundError(f"file {name} not found")
        await self._store.delete_blob(blob_key(key, name))
        return key

    async def delete_all(self, key: RunKey) -> None:
        """Drop every file of a run."""
        for file in await self.all(key):
            await self.delete(file.id)


def placeholder(key: RunKey, name: str) -> RunFile:
    """A file that nobody has uploaded yet."""
    return RunFile(entity=key.entity, project=key.project, run=key.name, name=name)


def blob_key(key: RunKey, name: str) -> str:
    """Where the store keeps the bytes of a file; InvalidError if the name is none."""
    check_file_name(name)
    return f"runs/{key.entity}/{key.project}/{key.name}/{name}"


def check_file_name(name: str) -> None:
    """InvalidError unless `name` is a relative path that stays within its run."""
    if not name or len(name) > MAX_FILE_NAME:
        raise InvalidError(f"file name must have 1 to {MAX_FILE_NAME} characters, got {len(name)}")
    if "\0" in name:
        raise InvalidError(f"file name {name!r} must not hold a null character")
    segments = name.replace("\\", "/").split("/")
    if any(segment in ("", ".", "..") for segment in segments):
        raise InvalidError(f"file name {name!r} must be a relative path within its run")


def _table(key: RunKey) -> str:
    return f"file/{'/'.join(key)}"
