"""Ranges: rows, values and video bytes per minute, by the rows' own timestamps."""

from mockwb.observe.guidance.range import Place, Range, Subject
from mockwb.observe.guidance.rolling_minute import RollingMinute
from mockwb.record import RequestRecord


class _Rows(RollingMinute):
    __slots__ = ()

    def add(self, record: RequestRecord, wall: float) -> None:
        logged = record.ingested.logged if record.ingested is not None else None
        for at, second in logged.seconds.items() if logged is not None else ():
            self.put(int(wall) if at is None else at, second.rows)


class _Values(RollingMinute):
    __slots__ = ()

    def add(self, record: RequestRecord, wall: float) -> None:
        logged = record.ingested.logged if record.ingested is not None else None
        for at, second in logged.seconds.items() if logged is not None else ():
            self.put(int(wall) if at is None else at, second.points)


class _Video(RollingMinute):
    __slots__ = ()

    def add(self, record: RequestRecord, wall: float) -> None:
        logged = record.ingested.logged if record.ingested is not None else None
        for at, second in logged.seconds.items() if logged is not None else ():
            if second.video_bytes:
                self.put(int(wall) if at is None else at, second.video_bytes)


_PLACES = (Place.RUN, Place.PROJECT)

ROWS = Range(
    "rows_per_minute",
    "rows per minute",
    Subject.ROWS,
    _PLACES,
    _Rows,
    "Put metrics that belong together into one call of log(), and log less often.",
)
VALUES = Range(
    "values_per_minute",
    "values per minute",
    Subject.ROWS,
    _PLACES,
    _Values,
    "Log fewer metrics per call, or log them less often: what counts is their product.",
)
VIDEO = Range(
    "video_per_minute",
    "bytes per minute",
    Subject.VIDEO,
    _PLACES,
    _Video,
    "Log shorter or smaller videos, or fewer of them.",
)
