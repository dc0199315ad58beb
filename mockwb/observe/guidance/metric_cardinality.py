"""Range: distinct metric names in a project, nested dicts flattened."""

import re

from mockwb.guidance import KeyFigure
from mockwb.observe.guidance.key_sketch import KeySketch
from mockwb.observe.guidance.range import Place, Range, Subject
from mockwb.record import RequestRecord

_MOST_SHAPES = 10_000
"""Shapes of rows that are known again; when there are more, all are forgotten."""
_MOST_GROUPS = 1_000
_SHOWN_GROUPS = 10
_LONGEST_GROUP = 256
"""Characters."""
_GROUP = re.compile(r"[^/.]*")


class MetricCardinality:
    """The names of one project. A row whose names were seen together before costs one look-up."""

    __slots__ = ("_groups", "_shapes", "key", "peak", "sketch")

    def __init__(self, _limit: float) -> None:
        self.peak = 0.0
        self.key: str | None = None
        self.sketch = KeySketch()
        self._shapes: set[int] = set()
        """Hashes of them."""
        self._groups: dict[str, int] = {}

    def add(self, record: RequestRecord, _wall: float) -> None:
        """Look at the shapes of the new rows."""
        logged = record.ingested.logged if record.ingested is not None else None
        for shape in logged.shapes if logged is not None else ():
            hashed = hash(shape)
            if hashed in self._shapes:
                continue
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            self._shapes.add(hashed)
            for name in shape:
                if self.sketch.add(name) and self.sketch.exact:
                    self._count_group(name)
            self.peak = float(self.sketch.count)

    def now(self) -> float:
        """Names are never taken back."""
        return self.peak

    def largest_groups(self) -> list[KeyFigure]:
        """What metric names begin with, most frequent first."""
        ordered = sorted(self._groups.items(), key=lambda item: (-item[1], item[0]))
        return [KeyFigure(key=key, amount=count) for key, count in ordered[:_SHOWN_GROUPS]]

    def _count_group(self, name: str) -> None:
        found = _GROUP.match(name)
        group = found[0][:_LONGEST_GROUP] if found else ""
        if group in self._groups or len(self._groups) < _MOST_GROUPS:
            self._groups[group] = self._groups.get(group, 0) + 1


RANGE = Range(
    "metrics_per_project",
    "metrics",
    Subject.ROWS,
    (Place.PROJECT,),
    MetricCardinality,
    "Keep names to a small, stable set: put no ids, steps or layers into them, and mind that "
    "every key of a nested dict is a metric.",
)
