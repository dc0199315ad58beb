"""Uploaded bytes: small ones in memory, large ones in a folder; never a whole large body in RAM."""

import asyncio
import base64
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from mockwb.backend.errors import TooLargeError
from mockwb.backend.store import BlobInfo
from mockwb.units import format_size

CHUNK = 256 * 1024


class BlobStore:
    """All blobs of one server."""

    def __init__(
        self,
        memory_threshold: int,
        max_size: int,
        folder: str | None = None,
        *,
        keep_large: bool = True,
    ) -> None:
        """Keep blobs up to `memory_threshold` bytes in memory, larger ones below `folder`.

        Without `folder`, a temporary one is made when first needed and removed by `close`. Without
        `keep_large`, the files there have their size and no content: they take no space and read
        as zeros.
        """
        self.keep_large = keep_large
        self.memory_threshold = memory_threshold
        self.max_size = max_size
        self._given_folder = folder
        self._folder: Path | None = None
        self._blobs: dict[str, tuple[BlobInfo, bytes]] = {}

    def writer(self, key: str) -> "SpooledWriter":
        """See `Store.blob_writer`."""
        return SpooledWriter(self, key)

    def info(self, key: str) -> BlobInfo | None:
        """See `Store.blob_info`."""
        blob = self._blobs.get(key)
        return blob[0] if blob else None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """See `Store.read_blob`."""
        info, content = self._blobs[key]
        stop = info.size if stop is None else min(stop, info.size)
        if info.path is None:
            yield content[start:stop]
            return
        with await asyncio.to_thread(open, info.path, "rb") as file:
            file.seek(start)
            while start < stop:
                chunk = await asyncio.to_thread(file.read, min(CHUNK, stop - start))
                if not chunk:
                    break
                start += len(chunk)
                yield chunk

    def delete(self, key: str) -> bool:
        """See `Store.delete_blob`."""
        blob = self._blobs.pop(key, None)
        if blob and blob[0].path is not None:
            with suppress(FileNotFoundError):
                os.unlink(blob[0].path)
        return blob is not None

    def keep(self, key: str, info: BlobInfo, content: bytes) -> None:
        """Make `content`, or the file that `info` names, the blob's content."""
        self.delete(key)
        self._blobs[key] = (info, content)

    def new_file(self) -> IO[bytes]:
        """An empty file in the folder, open for writing."""
        if self._folder is None:
            if self._given_folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="mockwb-"))
            else:
                self._folder = Path(self._given_folder)
                self._folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._folder, prefix="blob-", delete=False)

    def close(self) -> None:
        """Remove the files; the folder too if this store made it."""
        for key in list(self._blobs):
            self.delete(key)
        if self._folder is not None and self._given_folder is None:
            shutil.rmtree(self._folder, ignore_errors=True)


class SpooledWriter:
    """One upload on its way in: in memory until it outgrows the threshold."""

    def __init__(self, store: BlobStore, key: str) -> None:
        """Write to `key` of `store`."""
        self._store = store
        self._key = key
        self._size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._memory = bytearray()
        self._file: IO[bytes] | None = None

    async def write(self, chunk: bytes) -> None:
        """See `BlobWriter.write`."""
        self._size += len(chunk)
        if self._size > self._store.max_size:
            limit = format_size(self._store.max_size)
            raise TooLargeError(f"file is larger than the configured {limit}")
        self._md5.update(chunk)
        if self._file is None and self._size > self._store.memory_threshold:
            self._file = await asyncio.to_thread(self._store.new_file)
            if self._store.keep_large:
                await asyncio.to_thread(self._file.write, self._memory)
            self._memory = bytearray()
        if self._file is None:
            self._memory += chunk
        elif self._store.keep_large:
            await asyncio.to_thread(self._file.write, chunk)

    async def commit(self) -> BlobInfo:
        """See `BlobWriter.commit`."""
        digest = base64.b64encode(self._md5.digest()).decode()
        path = None
        if self._file is not None:
            if not self._store.keep_large:
                await asyncio.to_thread(self._file.truncate, self._size)
            await asyncio.to_thread(self._file.close)
            path = self._file.name
            self._file = None
        info = BlobInfo(size=self._size, md5=digest, path=path)
        self._store.keep(self._key, info, bytes(self._memory))
        return info

    async def abort(self) -> None:
        """See `BlobWriter.abort`."""
        if self._file is not None:
            self._file.close()
            with suppress(FileNotFoundError):
                os.unlink(self._file.name)
            self._file = None
        self._memory = bytearray()
