"""The summary of a run: the last values, as a client streamed them or as somebody set them."""

from typing import Any

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import SUMMARY
from mockwb.backend.history_row import parse_row
from mockwb.backend.json_text import may_hold_specials, to_json
from mockwb.backend.run import RunKey
from mockwb.backend.store import LineFile, Store


class Summaries:
    """Reads and sets summaries; file_stream writes them line by line."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store

    async def text(self, key: RunKey) -> str | None:
        """JSON text of an object; None before anything was said.

        In shared mode each writer has a summary of its own; their keys are put together.
        """
        lines = await self._lines(key)
        if not lines:
            return None
        merged = _merged(lines)
        if len(lines) == 1 and merged and not may_hold_specials(lines[0]):
            return lines[0]
        return to_json(merged)

    async def values(self, key: RunKey) -> dict[str, Any]:
        """The summary as a dict, empty before anything was said."""
        return _merged(await self._lines(key))

    async def put(self, key: RunKey, text: str) -> None:
        """Make `text` (a JSON object) the whole summary, whoever wrote the former one."""
        for file in await self._files(key):
            await self._store.delete_lines(file)
        await self._store.replace_lines(LineFile(*key, "", SUMMARY), [text])

    async def _files(self, key: RunKey) -> list[LineFile]:
        return [file for file in await self._store.line_files(*key) if file.name == SUMMARY]

    async def _lines(self, key: RunKey) -> list[str]:
        last = [await self._store.read_lines(file) for file in await self._files(key)]
        return [lines[-1] for lines in last if lines and lines[-1]]


def _merged(lines: list[str]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for line in lines:
        try:
            merged |= parse_row(line)
        except InvalidError:  # a broken line says nothing; the stream's other lines still count
            continue
    return merged
