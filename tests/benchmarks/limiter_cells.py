"""Measures limiters in one cell of the comparison: a limit, a load, the same traffic for all."""

import gc
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time

from tests.benchmarks.contestants import Contestant
from tests.benchmarks.virtual_time import INSTANT, virtual_time

START = 1_000_000.0
_KEY = "team/project"
_KEYS_WEIGHED = 3


@dataclass(frozen=True)
class Cell:
    """A limit, and how hard it is pressed."""

    limit: int
    length: int
    """Seconds."""
    load: float
    """Arrivals over what the limit admits: 0.5 keeps the window half full, 2 refuses half."""

    @property
    def name(self) -> str:
        window = "1m" if self.length == 60 else f"{self.length}s"
        return f"{self.limit:,}/{window}"

    @property
    def fill(self) -> str:
        return "half full" if self.load < 1 else "full"

    def warm_up(self) -> Iterator[float]:
        """One window of arrivals that are all admitted; steady traffic goes on from there."""
        count = int(self.limit * min(1.0, self.load))
        return (START + index * self.length / count for index in range(count))

    def traffic(self, offset: int, count: int) -> list[float]:
        """The arrivals from number `offset` on, after the warm-up."""
        step = self.length / (self.limit * self.load)
        start = START + self.length
        return [start + index * step for index in range(offset, offset + count)]


CELLS = tuple(
    Cell(limit, length, load) for limit, length in ((500, 1), (60_000, 60)) for load in (0.5, 2.0)
)


@dataclass
class Pace:
    """What one limiter reached in a cell."""

    name: str
    seconds: list[float] = field(default_factory=list)
    """Processor time per decision, a figure per round, without the loop around it."""
    decisions: int = 0
    admitted: int = 0

    @property
    def per_second(self) -> float:
        """Decisions per second in the best round; the others were disturbed."""
        return 1 / min(self.seconds)

    @property
    def share_admitted(self) -> float:
        return self.admitted / self.decisions


def race(
    cell: Cell, contestants: Sequence[type[Contestant]], rounds: int, seconds: float
) -> list[Pace]:
    """Drive each of `contestants` for `seconds` in every round, in turn; in their order."""
    with virtual_time():
        made = [contestant(cell.limit, cell.length) for contestant in contestants]
        for contestant in made:
            contestant.fill(_KEY, cell.warm_up())
            contestant.pause()
        paces = [Pace(contestant.name) for contestant in made]
        gc.collect()
        for _ in range(rounds):
            for contestant, pace in zip(made, paces, strict=True):
                _one_round(cell, contestant, pace, seconds)
    return paces


def _one_round(cell: Cell, contestant: Contestant, pace: Pace, seconds: float) -> None:
    """Go on where the round before ended, so that the window stays as it is."""
    spent, first = 0.0, pace.decisions
    while spent < seconds:
        instants = cell.traffic(pace.decisions, contestant.batch)
        began = process_time()
        pace.admitted += contestant.drive(_KEY, instants)
        spent += process_time() - began
        pace.decisions += contestant.batch
    contestant.pause()
    pace.seconds.append(spent / (pace.decisions - first) - _empty_loop(cell))


def _empty_loop(cell: Cell) -> float:
    """Seconds that setting the instant takes, per decision."""
    count = 20_000
    instants = cell.traffic(0, count)
    took = []
    for _ in range(3):
        began = process_time()
        for INSTANT[0] in instants:
            pass
        took.append(process_time() - began)
    return min(took) / count


def bytes_per_key(cell: Cell, kind: type[Contestant]) -> float:
    """Memory of a key whose window is full.

    The arrivals are new numbers, as a clock's are: those that a limiter keeps count. mockwb's is
    weighed when entries have come and gone for two windows more; the others only grow by that.
    """
    full = Cell(cell.limit, cell.length, 1.0)
    with virtual_time():
        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            contestant = kind(cell.limit, cell.length)
            for index in range(_KEYS_WEIGHED):
                contestant.fill(f"key{index}", full.warm_up())
                if kind.name == "mockwb":
                    contestant.drive(f"key{index}", full.traffic(0, 2 * cell.limit))
            contestant.pause()
            gc.collect()
            after, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    return (after - before) / _KEYS_WEIGHED
