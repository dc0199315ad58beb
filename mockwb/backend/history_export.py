"""Histories of ended runs as Parquet files, which SDKs read instead of asking for page after page.

SDKs keep such files under the names of entity, project and run and their place in the list, and
never ask again whether one has changed. So a part stays what it was: rows that a resumed run adds
become a part of their own, and a run whose earlier rows changed is never exported again.
"""

import asyncio
import hashlib
from collections.abc import Sequence

import msgspec

from mockwb.backend.history import History
from mockwb.backend.parquet_file import parquet_file
from mockwb.backend.run import ENDED, RunKey, RunState
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store

_TABLE = "history_export"
_OVER = ENDED | {RunState.CRASHED}


class Export(msgspec.Struct, frozen=True):
    """What was exported of a run; outlives the run, as the copies that SDKs keep do."""

    parts: int = 0
    rows: int = 0
    digest: bytes = b""
    """Of all rows in the parts."""
    possible: bool = True
    """Whether the parts still are the history so far."""


class HistoryExport:
    """Makes and finds the files."""

    def __init__(self, store: Store, runs: Runs, history: History, *, enabled: bool) -> None:
        """Export what `history` reads; nothing unless `enabled`, which needs pyarrow."""
        self._store = store
        self._runs = runs
        self._history = history
        self._enabled = enabled
        self._exporting = asyncio.Lock()

    async def parts(self, key: RunKey) -> list[tuple[str, ...]]:
        """Where the store has the files that hold the whole history, as parts of a path.

        Empty if only pages do: for a run that goes on, and where a file would not be exact.
        """
        if not self._enabled or await self._runs.state(key) not in _OVER:
            return []
        async with self._exporting:
            lines = await self._history.all_rows(key)
            export = await self._store.get(_TABLE, _id(key)) or Export()
            after = await self._extended(key, export, lines)
            if after != export:
                await self._store.put(_TABLE, _id(key), after)
        return [_path(key, part) for part in range(after.parts)] if after.possible else []

    async def _extended(self, key: RunKey, export: Export, lines: Sequence[str]) -> Export:
        """The export once it holds all of `lines`."""
        if not export.possible:
            return export
        digest = hashlib.sha256()
        for line in lines[: export.rows]:
            digest.update(line.encode())
        if export.rows and (export.rows > len(lines) or digest.digest() != export.digest):
            return msgspec.structs.replace(export, possible=False)
        new = lines[export.rows :]
        if not new:
            return export
        content = await asyncio.to_thread(parquet_file, new)
        if content is None:
            return msgspec.structs.replace(export, possible=False)
        writer = self._store.blob_writer("/".join(_path(key, export.parts)))
        await writer.write(content)
        await writer.commit()
        for line in new:
            digest.update(line.encode())
        return Export(export.parts + 1, len(lines), digest.digest())


def _id(key: RunKey) -> str:
    return "/".join(key)


def _path(key: RunKey, part: int) -> tuple[str, ...]:
    return "history", *key, f"{part}.parquet"
