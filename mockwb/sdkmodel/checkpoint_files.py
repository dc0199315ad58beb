"""Files that a script saves with some of its rows, as training code saves checkpoints."""

import math
from collections.abc import Iterator
from functools import partial

from mockwb.sdkmodel.handed_files import FileSource, HandedFile
from mockwb.sdkmodel.logging_shape import noise
from mockwb.sdkmodel.requests import LargeContent
from mockwb.sdkmodel.shaped_lines import ShapedLines

_VARIANTS = 64
"""Different contents."""


class CheckpointFiles:
    """`count` files of `size` bytes with each row that `every` divides."""

    __slots__ = ("_client", "_count", "_every", "_lines", "_overwrite", "_row", "_size")

    def __init__(
        self, lines: ShapedLines, *, count: int, size: int, every: int, overwrite: bool, client: int
    ) -> None:
        """Save along with `lines`; `overwrite` uses the same names each time."""
        self._lines = lines
        self._count = count
        self._size = size
        self._every = every
        self._overwrite = overwrite
        self._client = client
        self._row = 0

    def next_at(self) -> float:
        """When the next files are there; infinity if never."""
        return self._lines.arrival(self._row)

    def take(self, now: float) -> list[HandedFile]:
        """Those there are by now, each once."""
        taken: list[HandedFile] = []
        arrived = self._lines.arrived(now)
        while self._row < arrived:
            taken += self._saved(self._row)
            self._row += self._every
        return taken

    def _saved(self, row: int) -> Iterator[HandedFile]:
        name = "latest" if self._overwrite else f"step_{row}"
        for number in range(self._count):
            part = f"_{number}" if self._count > 1 else ""
            seed = (self._client + row + number) % _VARIANTS
            content = LargeContent(self._size, partial(noise, self._size, seed))
            yield HandedFile(f"checkpoints/{name}{part}.ckpt", content)


class Together:
    """Several sources of files as one."""

    __slots__ = ("_sources",)

    def __init__(self, *sources: FileSource) -> None:
        self._sources = sources

    def next_at(self) -> float:
        """When the next file of any is there."""
        return min((source.next_at() for source in self._sources), default=math.inf)

    def take(self, now: float) -> list[HandedFile]:
        """Those there are by now, each once."""
        return [file for source in self._sources for file in source.take(now)]
