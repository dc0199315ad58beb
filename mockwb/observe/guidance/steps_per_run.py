"""Range: steps of a run, which are its rows of history."""

from mockwb.observe.guidance.range import Place, Range, Subject
from mockwb.record import RequestRecord


class _Steps:
    __slots__ = ("key", "peak")

    def __init__(self, _limit: float) -> None:
        self.peak = 0.0
        self.key: str | None = None

    def add(self, record: RequestRecord, _wall: float) -> None:
        if record.ingested is not None:
            self.peak += record.ingested.rows

    def now(self) -> float:
        return self.peak


RANGE = Range(
    "steps_per_run",
    "steps",
    Subject.ROWS,
    (Place.RUN,),
    _Steps,
    "Log every so many training steps instead of each, or averages over them.",
)
