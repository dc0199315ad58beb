"""Range: the size of a run's config."""

from mockwb.observe.guidance.range import Largest, Place, Range, Subject
from mockwb.record import RequestRecord


class _Config(Largest):
    __slots__ = ()

    def add(self, record: RequestRecord, _wall: float) -> None:
        """Every change of a config brings the whole of it."""
        if record.upserted is not None and record.upserted.config_bytes is not None:
            self.note(record.upserted.config_bytes)


RANGE = Range(
    "config_size",
    "bytes",
    Subject.UPSERT,
    (Place.RUN,),
    _Config,
    "Keep hyperparameters in the config and datasets, lists and long texts out of it: the table of "
    "runs loads all configs.",
)
