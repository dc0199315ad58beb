"""The frame of a `.wandb` file: a log of records in blocks, as LevelDB writes it.

After seven bytes that name the format come chunks of at most a block; each has its own checksum,
and a record that crosses a block's end is cut into several. Source of the facts: wandb SDK,
core/internal/transactionlog and core/pkg/leveldb/record.go.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

_MAGIC = b":W&B\xe1\xbe\x00"
_MAGIC_WORD = _MAGIC[:4]
_BLOCK = 32 * 1024
_HEADER = struct.Struct("<IHB")
"""Checksum of kind and data, length of the data, kind of the chunk."""
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


class RecordingError(ValueError):
    """A file that is no recording, or a damaged one; the message names file and offset."""


class LogFile:
    """A `.wandb` file, in memory; iterating gives the records with their offsets in the file."""

    def __init__(self, path: Path) -> None:
        """Read the file; RecordingError if it cannot be, or is something else."""
        self.path = path
        try:
            self._data = path.read_bytes()
        except OSError as error:
            raise RecordingError(f"{path}: {error.strerror or error}") from error
        if not self._data.startswith(_MAGIC_WORD):
            raise RecordingError(f"{path}: not a .wandb file: it does not begin with ':W&B'")
        if not self._data.startswith(_MAGIC):
            seen = self._data[len(_MAGIC_WORD) : len(_MAGIC)].hex(" ")
            raise RecordingError(f"{path}: offset 4: expected e1 be 00 (version 0), got {seen}")
        self.cut_at: int | None = None
        """Where a last record begins that is not whole, as a killed run leaves it."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """All whole records; RecordingError at the first damage."""
        started: int | None = None
        parts: list[bytes] = []
        for at, kind, data in self._chunks():
            if (kind in (_FULL, _FIRST)) != (started is None):
                raise self._damaged(at, "a record begins before the last one ended, or never began")
            started = at if started is None else started
            parts.append(data)
            if kind in (_FULL, _LAST):
                yield started, b"".join(parts)
                started, parts = None, []
        if started is not None:
            self.cut_at = started

    def _chunks(self) -> Iterator[tuple[int, int, bytes]]:
        at, data = len(_MAGIC), self._data
        while at < len(data):
            room = _BLOCK - at % _BLOCK
            if room < _HEADER.size:
                at += room
                continue
            if len(data) - at < _HEADER.size or not any(data[at:]):
                self.cut_at = at  # zeros: room that a file system had set aside already
                return
            checksum, length, kind = _HEADER.unpack_from(data, at)
            begin = at + _HEADER.size
            if not _FULL <= kind <= _LAST:
                raise self._damaged(at, f"expected a chunk of kind 1 to 4, got {kind}")
            if length > room - _HEADER.size:
                raise self._damaged(at, f"a chunk of {length} bytes exceeds its block")
            if begin + length > len(data):
                self.cut_at = at
                return
            chunk = data[begin : begin + length]
            if zlib.crc32(chunk, zlib.crc32(bytes([kind]))) != checksum:
                raise self._damaged(at, "the checksum is another one than that of the data")
            yield at, kind, chunk
            at = begin + length

    def _damaged(self, at: int, problem: str) -> RecordingError:
        return RecordingError(f"{self.path}: offset {at}: damaged: {problem}")
