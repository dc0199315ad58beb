"""What workloads have in common whose clients log rows: how many, of what shape, at what pace."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import msgspec

from mockwb.scenario.pattern import Pattern
from mockwb.scenario.values import Values
from mockwb.scenario.workload import Surroundings, Workload
from mockwb.sdkmodel.handed_files import FileSource
from mockwb.sdkmodel.logging_shape import Pace, Shape
from mockwb.sdkmodel.shaped_lines import MediaFiles, ShapedLines
from mockwb.units import Duration

_TOLERANCE = 1e-6
"""Of a period: what divisions may be short of whole numbers."""


class LoggingWorkload(Workload, frozen=True, kw_only=True):
    """N clients that log rows of a shape and at a pace that the scenario gives."""

    rows: Annotated[int, msgspec.Meta(ge=1)] = 0
    """History rows that each client logs; or else `for` says how many."""
    duration: Duration | None = msgspec.field(default=None, name="for")
    """How long each client logs at its pace; becomes `rows`."""
    metrics: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Scalars in each row."""
    values: Values = Values()
    """What else is in a row."""
    every: Duration | None = None
    """Seconds from one row to the next; one if nothing else gives the pace."""
    rows_per_minute: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """The pace, in other words."""
    pattern: Pattern = Pattern()
    """How the rows lie in time."""

    default_interval: ClassVar[float] = 15.0
    """What wandb-core waits between file_stream requests (filestream, transmit rate limit)."""

    def __post_init__(self) -> None:
        """ValueError for a pace or a number of rows that is given twice, and for too much jitter.

        Rows are counted here, so that nobody else has to know `for`.
        """
        super().__post_init__()
        burst = self.pattern.burst
        given = {
            "every": self.every,
            "rows_per_minute": self.rows_per_minute,
            "pattern.burst": burst,
        }
        names = [name for name, value in given.items() if value is not None]
        if len(names) > 1:
            raise ValueError(f"{' and '.join(names)} both give the pace; expected one of them")
        if self.pattern.jitter > self.period:
            raise ValueError(
                f"pattern.jitter: expected at most the {Duration(self.period)} from one row or "
                f"burst to the next, got {self.pattern.jitter}"
            )
        if (self.duration is None) == (self.rows == 0):
            problem = "both say how much is logged" if self.rows else "are missing"
            raise ValueError(f"rows and for {problem}; expected one of them")
        if self.duration is not None:
            msgspec.structs.force_setattr(self, "rows", self._rows_in(self.duration))
            msgspec.structs.force_setattr(self, "duration", None)

    def _rows_in(self, seconds: float) -> int:
        """What is logged in so long, but at least one row or burst."""
        if not self.period:
            raise ValueError("for: expected rows instead, where all of them come at once")
        periods = max(1, int(seconds / self.period + _TOLERANCE))
        return periods * (self.pattern.burst.rows if self.pattern.burst else 1)

    @property
    def period(self) -> float:
        """Seconds from one row, or burst of rows, to the next."""
        if self.pattern.burst is not None:
            return self.pattern.burst.every
        if self.rows_per_minute is not None:
            return 60 / self.rows_per_minute
        return 1.0 if self.every is None else self.every

    @property
    def transmit_interval(self) -> float:
        """Seconds between two file_stream requests of one client that has data to send."""
        return self.default_interval

    @property
    def rows_expected(self) -> int:
        """All rows of all clients."""
        return self.count * self.rows

    @property
    def request_rate(self) -> float:
        """One request per interval, or per row or burst if those are rarer."""
        return 1 / max(self.transmit_interval, self.period)

    @property
    def logging_seconds(self) -> float:
        """As if no log() had to wait."""
        burst = self.pattern.burst.rows if self.pattern.burst else 1
        periods = -(-self.rows // burst)
        return self.starting_seconds + periods * self.period * self.pattern.slowest(self.count)

    def plan(self) -> dict[str, Any]:
        """What a row holds, for `logging_shape.Shape`."""
        return {"metrics": self.metrics, **self.values.plan()}

    def shape(self) -> Shape:
        """What a row holds; the same object each time, as it may have thousands of names."""
        return _shape(msgspec.json.encode(self.plan()))

    rows_known: ClassVar[bool] = True

    def logged_rows(self, index: int, count: int) -> Iterable[dict[str, Any]]:
        """As the shape has them."""
        shape = self.shape()
        return (shape.row(row, index) for row in range(count))

    def files(self, rows: ShapedLines, index: int) -> FileSource | None:
        """What client `index` uploads besides the run's own files; None if nothing."""
        return MediaFiles(rows) if self.shape().next_media(0) < math.inf else None

    def pace(self, index: int, around: Surroundings) -> Pace:
        """When client `index` logs."""
        every = f"{around.seed}/{self.name}"
        seed = every if self.pattern.synchronised else f"{every}/{index}"
        slow = self.pattern.slowness(index, self.count)
        return self.pattern.pace(self.period * slow, seed, around.started_at)


@lru_cache(maxsize=64)
def _shape(plan: bytes) -> Shape:
    return Shape(msgspec.json.decode(plan))
