"""The few primitives through which every backend module reaches state.

The default (`memory_store`) keeps all in this process. A shared store fits behind the same
primitives, so values are whole records (frozen structs) that are put back to change them, and
everything is awaited. The hot path costs a fixed number of calls per request, never one per row.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

INHERITED = "\0inherited"
"""The writer of what a fork has from its parent; no header, so no client, can be called that."""


class LineFile(msgspec.Struct, frozen=True, cache_hash=True, gc=False):
    """A file that a run streams line by line."""

    entity: str
    project: str
    run: str
    writer: str
    """Client id of a writer in shared mode, else empty: each writer counts its lines from 0."""
    name: str
    """Such as `wandb-history.jsonl`."""

    @property
    def owner(self) -> tuple[str, str, str]:
        """(entity, project, run)."""
        return self.entity, self.project, self.run


class WrittenLines(msgspec.Struct, gc=False):
    """What writing a chunk changed."""

    added: int = 0
    """Lines that were not there before."""
    repeated: int = 0
    """Lines that were there already, with the same content."""
    changed: int = 0
    """Lines that were there already with other content; the new content is kept."""
    gap: tuple[int, int] | None = None
    """(first missing line, one past the last) if the chunk started beyond the end."""
    new_lines: Sequence[str] = ()
    """The added lines themselves, in order."""


@dataclass(slots=True, frozen=True)
class BlobInfo:
    """What is known of stored bytes."""

    size: int
    md5: str
    """Base64 of the digest, as W&B shows it."""
    path: str | None
    """File that holds the bytes; None while they are kept in memory."""


class BlobWriter(Protocol):
    """Takes the bytes of one upload; nothing is visible until it is committed."""

    async def write(self, chunk: bytes) -> None:
        """Add bytes; TooLargeError beyond the configured size."""
        ...

    async def commit(self) -> BlobInfo:
        """Make the bytes the content of the blob, replacing any former content."""
        ...

    async def abort(self) -> None:
        """Forget the bytes; harmless after commit."""
        ...


class Store(Protocol):
    """State, in records, counters, line files and blobs."""

    async def get(self, table: str, key: str) -> Any | None:
        """The record, or None."""
        ...

    async def put(self, table: str, key: str, record: object) -> None:
        """Store a record; a new key goes to the end of the table's order."""
        ...

    async def delete(self, table: str, key: str) -> bool:
        """Drop a record; whether there was one."""
        ...

    async def records(self, table: str) -> list[Any]:
        """All records of a table, in the order in which their keys first came."""
        ...

    async def count(self, table: str) -> int:
        """How many records a table holds."""
        ...

    async def table(self, table: str) -> Mapping[str, Any]:
        """As `records`, by key; the same object again if the table is known not to have changed."""
        ...

    async def next_number(self, counter: str) -> int:
        """1, 2, 3, ... for each counter."""
        ...

    async def write_lines(self, file: LineFile, offset: int, lines: Sequence[str]) -> WrittenLines:
        """Make `lines` the lines `offset`, `offset` + 1, ... of the file.

        InvalidError if `offset` lies absurdly far beyond the end.
        """
        ...

    async def replace_lines(self, file: LineFile, lines: Sequence[str]) -> WrittenLines:
        """Make `lines` the whole file."""
        ...

    async def read_lines(
        self, file: LineFile, start: int = 0, stop: int | None = None
    ) -> list[str | None]:
        """Lines `start` up to but not including `stop`; None where a line is missing."""
        ...

    async def count_lines(self, file: LineFile) -> int:
        """One past the last line, missing ones included."""
        ...

    async def lines_version(self, file: LineFile) -> tuple[int, int]:
        """A value that is another one after every change of the file's lines."""
        ...

    async def missing_lines(self, file: LineFile) -> list[tuple[int, int]]:
        """The open gaps: (first missing line, one past the last)."""
        ...

    async def line_files(self, entity: str, project: str, run: str) -> list[LineFile]:
        """The files this run has streamed, in order of first appearance."""
        ...

    async def delete_lines(self, file: LineFile) -> None:
        """Drop the file."""
        ...

    def blob_writer(self, key: str) -> BlobWriter:
        """Start to replace the blob `key`."""
        ...

    async def blob_info(self, key: str) -> BlobInfo | None:
        """Size and digest, or None if there is no such blob."""
        ...

    def read_blob(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes `start` up to but not including `stop`, in chunks."""
        ...

    async def delete_blob(self, key: str) -> bool:
        """Drop the blob; whether there was one."""
        ...

    async def close(self) -> None:
        """Free what the store holds outside this process."""
        ...
