"""Range: runs in a project."""

from mockwb.observe.guidance.range import Largest, Place, Range, Subject
from mockwb.record import RequestRecord


class _Runs(Largest):
    __slots__ = ()

    def add(self, record: RequestRecord, _wall: float) -> None:
        """Deleted runs do not count any more."""
        if record.upserted is not None:
            self.note(record.upserted.runs)


RANGE = Range(
    "runs_per_project",
    "runs",
    Subject.UPSERT,
    (Place.PROJECT,),
    _Runs,
    "Move runs that are rarely looked at to a project of their own, as an archive.",
)
