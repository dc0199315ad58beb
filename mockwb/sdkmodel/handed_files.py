"""Files that wait for their upload: a run's own, and those that its user's script hands over.

`VirtualRun` has one `FileBatch`; media in rows and checkpoints come to it from a `FileSource`.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from mockwb.sdkmodel.requests import Content

GATHER_SECONDS = 5.0
"""From the first file of a batch to the request for its URLs (wandb-core, since 0.24)."""


class HandedFile(NamedTuple):
    """One file that a script handed over."""

    name: str
    """Its path among the run's files."""
    content: Content


class WaitingFile(NamedTuple):
    """One file on its way to the server."""

    content: Content | None = None
    """None for one of the run's own, whose content is made when it is uploaded."""
    since: float = 0.0
    """When it was handed over."""


class FileSource(Protocol):
    """Where such files come from."""

    def next_at(self) -> float:
        """When the next file is there, perhaps already; infinity if that is unknown or never."""
        ...

    def take(self, now: float) -> list[HandedFile]:
        """The files that came by now, each once."""
        ...


class FileBatch:
    """What is offered to the server next, and when."""

    __slots__ = ("_began", "_due_at", "_files", "_source")

    def __init__(self, own: Iterable[str], source: FileSource | None) -> None:
        """Begin with `own` files, the run's."""
        self._files = dict.fromkeys(own, WaitingFile())
        self._source = source
        self._began = False
        self._due_at = math.inf

    def begin(self, now: float) -> None:
        """The run exists."""
        self._began = True
        if self._files:
            self._due_at = now + GATHER_SECONDS

    def add(self, own: Iterable[str]) -> None:
        """Add further files of the run's own."""
        self._files |= dict.fromkeys(own, WaitingFile())

    def gather(self, now: float) -> int:
        """Take up what the script has handed over; the first file opens a batch.

        How many there are; one that takes the place of another that still waits is none, unless
        that was one of the run's own.
        """
        if self._source is None or not self._began or now < self._source.next_at():
            return 0
        taken = {name: WaitingFile(content, now) for name, content in self._source.take(now)}
        new = sum(self._files.get(name, WaitingFile()).content is None for name in taken)
        self._files |= taken
        self._due_at = min(self._due_at, now + GATHER_SECONDS)
        return new

    def due(self, now: float) -> bool:
        """Whether it is time to offer the files."""
        return now >= self._due_at

    def take(self) -> dict[str, WaitingFile]:
        """All files that wait, by name."""
        files, self._files = self._files, {}
        self._due_at = math.inf
        return files

    def wake_at(self) -> float:
        """When gather() or due() changes something."""
        if self._source is None or not self._began:
            return self._due_at
        return min(self._due_at, self._source.next_at())
