"""The runs of a list, found one by one as somebody reads them: most readers want the first page."""

from collections.abc import Iterator, Sequence, Set
from typing import overload

from mockwb.backend.run import Run


class ListedRuns(Sequence[Run]):
    """Some runs of a project in some order."""

    def __init__(self, runs: Sequence[Run], order: Sequence[int], chosen: Set[int]) -> None:
        """Those of `runs` at the `chosen` positions; `order` holds these and maybe others."""
        self._runs = runs
        self._chosen = chosen
        self._unread = iter(order)
        self._read: list[Run] = []

    def __len__(self) -> int:
        return len(self._chosen)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | Sequence[Run]:
        if isinstance(index, slice) or index < 0:
            self._read_up_to(len(self))
        else:
            self._read_up_to(index + 1)
        return self._read[index]

    def __iter__(self) -> Iterator[Run]:
        for index in range(len(self)):
            self._read_up_to(index + 1)
            yield self._read[index]

    def _read_up_to(self, end: int) -> None:
        read = self._read
        while len(read) < end:
            position = next(self._unread, None)
            if position is None:
                return
            if position in self._chosen:
                read.append(self._runs[position])
