"""Ranges: the size of one logged value, media excepted, and of one log() call."""

from mockwb.guidance import KeyFigure
from mockwb.observe.guidance.range import Largest, Place, Range, Subject
from mockwb.record import RequestRecord

_MOST_KEYS = 100
_SHOWN_KEYS = 10
_LONGEST_KEY = 256
"""Characters."""


class ValueSize(Largest):
    """The largest values by metric."""

    __slots__ = ("_sizes",)

    def __init__(self, limit: float) -> None:
        super().__init__(limit)
        self._sizes: dict[str, int] = {}

    def add(self, record: RequestRecord, _wall: float) -> None:
        """Look at what was large by itself."""
        logged = record.ingested.logged if record.ingested is not None else None
        for name, size in logged.large_values if logged is not None else ():
            key = name[:_LONGEST_KEY]
            self.note(size, key)
            if size > self._sizes.get(key, 0):
                self._sizes[key] = size
            if len(self._sizes) > _MOST_KEYS:
                del self._sizes[min(self._sizes, key=self._sizes.__getitem__)]

    def largest_values(self) -> list[KeyFigure]:
        """Bytes of the largest value of a metric, largest first."""
        ordered = sorted(self._sizes.items(), key=lambda item: (-item[1], item[0]))
        return [KeyFigure(key=key, amount=size) for key, size in ordered[:_SHOWN_KEYS]]


class _LogCall(Largest):
    __slots__ = ()

    def add(self, record: RequestRecord, _wall: float) -> None:
        logged = record.ingested.logged if record.ingested is not None else None
        if logged is not None:
            self.note(logged.largest)


VALUE = Range(
    "value_size",
    "bytes",
    Subject.LARGE,
    (Place.RUN,),
    ValueSize,
    "Log long lists and texts as files, tables or artifacts: one such value slows down all plots "
    "of its run.",
    figures=(Place.PROJECT,),
)
CALL = Range(
    "log_call_size",
    "bytes",
    Subject.LARGE,
    (Place.RUN,),
    _LogCall,
    "Log less per call, and large data as files or artifacts.",
    figures=(Place.PROJECT,),
)
