"""Range: files uploaded for a run."""

from mockwb.observe.guidance.key_sketch import KeySketch
from mockwb.observe.guidance.range import Place, Range, Subject
from mockwb.record import RequestRecord


class _Files:
    """Different names; a file that is replaced counts once."""

    __slots__ = ("_names", "key", "peak")

    def __init__(self, _limit: float) -> None:
        self._names = KeySketch()
        self.peak = 0.0
        self.key: str | None = None

    def add(self, record: RequestRecord, _wall: float) -> None:
        if self._names.add(record.path):
            self.peak = float(self._names.count)

    def now(self) -> float:
        return self.peak


RANGE = Range(
    "files_per_run",
    "files",
    Subject.FILE,
    (Place.RUN,),
    _Files,
    "Keep many files in artifacts instead of the run.",
)
