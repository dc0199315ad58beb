"""The embedded store: everything in this process, gone when it ends."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.line_store import LineStore
from mockwb.backend.store import BlobInfo, BlobWriter, LineFile, WrittenLines


class MemoryStore:
    """`Store` over plain dicts and lists."""

    def __init__(self, blobs: BlobStore) -> None:
        """Start empty, with `blobs` for uploaded bytes."""
        self._tables: dict[str, dict[str, Any]] = {}
        self._copies: dict[str, dict[str, Any]] = {}
        """Of tables that were read whole and have not changed since."""
        self._counters: dict[str, int] = {}
        self._lines = LineStore()
        self._blobs = blobs

    async def get(self, table: str, key: str) -> Any | None:
        """See `Store`."""
        records = self._tables.get(table)
        return records.get(key) if records is not None else None

    async def put(self, table: str, key: str, record: object) -> None:
        """See `Store`."""
        records = self._tables.get(table)
        if records is None:
            records = self._tables[table] = {}
        records[key] = record
        self._copies.pop(table, None)

    async def delete(self, table: str, key: str) -> bool:
        """See `Store`."""
        self._copies.pop(table, None)
        return self._tables.get(table, {}).pop(key, None) is not None

    async def records(self, table: str) -> list[Any]:
        """See `Store`."""
        return [*self._tables.get(table, {}).values()]

    async def count(self, table: str) -> int:
        """See `Store`."""
        return len(self._tables.get(table, ()))

    async def table(self, table: str) -> Mapping[str, Any]:
        """See `Store`."""
        copy = self._copies.get(table)
        if copy is None:
            copy = self._copies[table] = dict(self._tables.get(table, {}))
        return copy

    async def next_number(self, counter: str) -> int:
        """See `Store`."""
        number = self._counters.get(counter, 0) + 1
        self._counters[counter] = number
        return number

    async def write_lines(self, file: LineFile, offset: int, lines: Sequence[str]) -> WrittenLines:
        """See `Store`."""
        return self._lines.write(file, offset, lines)

    async def replace_lines(self, file: LineFile, lines: Sequence[str]) -> WrittenLines:
        """See `Store`."""
        return self._lines.replace(file, lines)

    async def read_lines(
        self, file: LineFile, start: int = 0, stop: int | None = None
    ) -> list[str | None]:
        """See `Store`."""
        return self._lines.read(file, start, stop)

    async def count_lines(self, file: LineFile) -> int:
        """See `Store`."""
        return self._lines.count(file)

    async def lines_version(self, file: LineFile) -> tuple[int, int]:
        """See `Store`."""
        return self._lines.version(file)

    async def missing_lines(self, file: LineFile) -> list[tuple[int, int]]:
        """See `Store`."""
        return self._lines.missing(file)

    async def line_files(self, entity: str, project: str, run: str) -> list[LineFile]:
        """See `Store`."""
        return self._lines.of_run(entity, project, run)

    async def delete_lines(self, file: LineFile) -> None:
        """See `Store`."""
        self._lines.delete(file)

    def blob_writer(self, key: str) -> BlobWriter:
        """See `Store`."""
        return self._blobs.writer(key)

    async def blob_info(self, key: str) -> BlobInfo | None:
        """See `Store`."""
        return self._blobs.info(key)

    def read_blob(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """See `Store`."""
        return self._blobs.read(key, start, stop)

    async def delete_blob(self, key: str) -> bool:
        """See `Store`."""
        return self._blobs.delete(key)

    async def close(self) -> None:
        """See `Store`."""
        self._blobs.close()
