"""What is measured of one run, project or user, and which ranges it has left. Used by `watch`."""

from collections.abc import Iterator, Sequence

import msgspec

from mockwb.guidance import Finding
from mockwb.observe.guidance.range import Measure, Place, Range, Subject
from mockwb.record import RequestRecord


class Watched(msgspec.Struct):
    """One range in one place."""

    range: Range
    limit: float
    measure: Measure
    since: float | None = None
    """When the range was left; seconds since the Unix epoch."""


class PlaceWatch:
    """The ranges of one place; measures are made when there is something to measure."""

    __slots__ = ("_limits", "_place", "_ranges", "_watched", "entity", "project", "run", "user")

    def __init__(
        self,
        place: Place,
        names: tuple[str | None, ...],
        ranges: Sequence[Range],
        limits: dict[str, float],
    ) -> None:
        """Watch those of `ranges` that `limits` names."""
        self._place = place
        self._ranges = ranges
        self._limits = limits
        self._watched: dict[Subject, list[Watched]] = {}
        self.entity: str | None = None
        self.project: str | None = None
        self.run: str | None = None
        self.user: str | None = None
        if place is Place.USER:
            (self.user,) = names
        else:
            self.entity, self.project, self.run = (*names, None)[:3]

    def add(self, subject: Subject, record: RequestRecord, wall: float) -> Sequence[Finding]:
        """Take a request into account; what is found now and was not before."""
        watched = self._watched.get(subject)
        if watched is None:
            watched = self._watched[subject] = self._begin(subject)
        left = False
        for one in watched:
            one.measure.add(record, wall)
            if one.since is None and one.measure.peak > one.limit:
                left = True
        return self._new_findings(watched, wall) if left else ()

    def findings(self) -> list[Finding]:
        """All there are."""
        return [self._finding(one) for one in self.watched() if one.since is not None]

    def names_of_findings(self) -> list[str]:
        """The ranges that were left."""
        return [one.range.name for one in self.watched() if one.since is not None]

    def watched(self) -> Iterator[Watched]:
        """All measures that there are, in the order of ranges."""
        order = {range_.name: number for number, range_ in enumerate(self._ranges)}
        every = [one for watched in self._watched.values() for one in watched]
        return iter(sorted(every, key=lambda one: order[one.range.name]))

    def _new_findings(self, watched: list[Watched], wall: float) -> list[Finding]:
        """Of ranges that were just left; a mere figure is no finding, however large."""
        new = []
        for one in watched:
            beyond = one.since is None and one.measure.peak > one.limit
            if beyond and self._place in one.range.places:
                one.since = wall
                new.append(self._finding(one))
        return new

    def _begin(self, subject: Subject) -> list[Watched]:
        return [
            Watched(range_, self._limits[range_.name], range_.measure(self._limits[range_.name]))
            for range_ in self._ranges
            if range_.subject is subject
            and range_.name in self._limits
            and self._place in (*range_.places, *range_.figures)
        ]

    def _finding(self, one: Watched) -> Finding:
        assert one.since is not None
        measured = one.measure.now()
        return Finding(
            range=one.range.name,
            entity=self.entity,
            project=self.project,
            run=self.run,
            user=self.user,
            key=one.measure.key,
            measured=measured,
            limit=one.limit,
            unit=one.range.unit,
            peak=one.measure.peak,
            since=one.since,
            advice=one.range.advice,
        )
