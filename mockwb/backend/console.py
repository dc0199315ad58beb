"""Console output of a run, read back line by line from its streamed `output.log`."""

import re
from bisect import bisect_right
from operator import itemgetter
from typing import NamedTuple

import msgspec

from mockwb.backend.file_stream import OUTPUT
from mockwb.backend.run import RunKey
from mockwb.backend.store import Store

_LEGACY = re.compile(r"(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z? (.*)", re.DOTALL)


class ConsoleLine(NamedTuple):
    """One line that the process wrote."""

    number: int
    """Counts from 0, lines that never arrived included."""
    timestamp: str | None
    level: str
    """`error` for standard error, else empty."""
    label: str
    """Which writer, in shared mode."""
    line: str


class ConsolePage(NamedTuple):
    """Consecutive lines, and what lies around them."""

    lines: list[ConsoleLine]
    has_next: bool
    has_previous: bool


_Numbered = tuple[int, str]
"""A line as it came, and its number."""


class _Structured(msgspec.Struct):
    """A line as SDKs write it when the server feature STRUCTURED_CONSOLE_LOGS is on."""

    content: str
    ts: str | None = None
    level: str | None = None
    label: str | None = None


_decoder = msgspec.json.Decoder(_Structured)


class Console:
    """Reads console output."""

    def __init__(self, store: Store) -> None:
        """Read from `store`."""
        self._store = store

    async def forward(self, key: RunKey, first: int | None, after: int | None) -> ConsolePage:
        """The first `first` lines behind line number `after`; None: all, from the start."""
        lines = await self._lines(key)
        start = 0 if after is None else _position_behind(lines, after)
        stop = len(lines) if first is None else min(len(lines), start + max(0, first))
        return _page(lines, start, stop)

    async def backward(self, key: RunKey, last: int, before: int | None) -> ConsolePage:
        """The last `last` lines in front of line number `before` (None: at the end), ascending."""
        lines = await self._lines(key)
        stop = len(lines) if before is None else _position_behind(lines, before - 1)
        start = max(0, stop - max(0, last))
        return _page(lines, start, stop)

    async def _lines(self, key: RunKey) -> list[_Numbered]:
        files = [file for file in await self._store.line_files(*key) if file.name == OUTPUT]
        written = [
            (number, text)
            for file in files
            for number, text in enumerate(await self._store.read_lines(file))
            if text is not None
        ]
        if len(files) > 1:
            # Each writer counts for itself; together they are numbered by time.
            written.sort(key=lambda line: parse_line(*line).timestamp or "")
            written = [(number, text) for number, (_, text) in enumerate(written)]
        return written


def _page(lines: list[_Numbered], start: int, stop: int) -> ConsolePage:
    page = [parse_line(*line) for line in lines[start:stop]]
    return ConsolePage(page, stop < len(lines), start > 0)


def parse_line(number: int, text: str) -> ConsoleLine:
    """A console line in either form that SDKs send; anything else is taken as bare text."""
    if text.startswith("{"):
        try:
            entry = _decoder.decode(text)
        except msgspec.MsgspecError:
            return ConsoleLine(number, None, "", "", text)
        return ConsoleLine(number, entry.ts, entry.level or "", entry.label or "", entry.content)
    match = _LEGACY.fullmatch(text.removesuffix("\n"))
    if match is None:
        return ConsoleLine(number, None, "", "", text.removesuffix("\n"))
    return ConsoleLine(number, match[2], "error" if match[1] else "", "", match[3])


def _position_behind(lines: list[_Numbered], number: int) -> int:
    return bisect_right(lines, number, key=itemgetter(0))
