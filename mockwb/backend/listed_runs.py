"""The runs of a list, found one by one as somebody reads them: most readers want the first page."""

from collections.abc import Callable, Iterator, Sequence, Set
from typing import overload

from mockwb.backend.run import Run
from mockwb.backend.run_columns import Rank


class ListedRuns(Sequence[Run]):
    """Some runs of a project in some order, as they were when they were listed."""

    def __init__(
        self,
        runs: Sequence[Run],
        order: Sequence[tuple[Rank, int]],
        chosen: Set[int],
        *,
        descending: bool,
    ) -> None:
        """Those of `runs` at the `chosen` positions.

        `order` holds these and maybe others, with their ranks, which descend or do not.
        """
        self.descending = descending
        self._runs = runs
        self._order = order
        self._chosen = chosen
        self._unread = iter(order)
        self._read: list[Run] = []
        self._ranks: dict[int, Rank] = {}
        """By the numbers of the runs that were read."""

    def place_of(self, run: Run) -> tuple[str | float, ...]:
        """Where a run that was read from this list stands in it.

        Places are comparable, also with those of former lists in the same order, and their order
        is that of the list, or the reverse of it if the list descends.
        """
        rank = self._ranks[run.number]
        if rank is None:  # comes last either way, the oldest first
            return (-1, 0, -run.number) if self.descending else (2, 0, run.number)
        return (1 if isinstance(rank, str) else 0, rank, run.number)

    def kept(self, test: Callable[[Run], bool]) -> "ListedRuns":
        """The runs that pass the test, in the same order."""
        chosen = {position for position in self._chosen if test(self._runs[position])}
        return ListedRuns(self._runs, self._order, chosen, descending=self.descending)

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
            entry = next(self._unread, None)
            if entry is None:
                return
            rank, position = entry
            if position in self._chosen:
                run = self._runs[position]
                read.append(run)
                self._ranks[run.number] = rank
