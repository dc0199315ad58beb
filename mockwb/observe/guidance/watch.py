"""Holds what is logged against W&B's guidance; served by `/_mockwb/guidance`."""

import logging
import math
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence

from mockwb.clock import Clock
from mockwb.guidance import SOURCE, Finding, Guidance, ProjectFigures
from mockwb.logged_rows import WEIGHED_FROM, LoggedRows
from mockwb.observe.globs import matcher
from mockwb.observe.guidance.log_sizes import ValueSize
from mockwb.observe.guidance.metric_cardinality import MetricCardinality
from mockwb.observe.guidance.place_watch import PlaceWatch
from mockwb.observe.guidance.range import Place, Subject
from mockwb.observe.guidance.ranges import RANGES
from mockwb.observe.guidance.small_news import RunNames, SmallNews
from mockwb.record import Ingested, RequestRecord
from mockwb.target import Surface, Target

_log = logging.getLogger(__name__)

_Names = tuple[str | None, ...]
_RUN_AND_PROJECT = (Place.RUN, Place.PROJECT)
_PUT_OFF = 1.0
"""Seconds."""
_PUBLIC_API = "W&B Public Client"
"""What user agents of `wandb.Api` begin with."""


class GuidanceWatch:
    """An onlooker that measures per run, project and user of the public API.

    It remembers a bounded number of each; the ones heard of longest ago are forgotten.
    """

    def __init__(
        self, limits: Mapping[str, float], clock: Clock, *, max_projects: int, max_runs: int
    ) -> None:
        """Watch the ranges that `limits` names; an infinite one is switched off.

        At most `max_projects` projects and `max_runs` runs and users (at least 1) are kept.
        """
        self._limits = {
            name: float(limit) for name, limit in limits.items() if not math.isinf(limit)
        }
        self._clock = clock
        self._most = {
            Place.PROJECT: max(1, max_projects),
            Place.RUN: max(1, max_runs),
            Place.USER: max(1, max_runs),
        }
        self._places: dict[Place, OrderedDict[_Names, PlaceWatch]] = {
            place: OrderedDict() for place in Place
        }
        self._small = SmallNews()
        self._forgotten: Counter[Place] = Counter()
        self._found: Counter[tuple[str, str | None]] = Counter()
        """(range, entity/project) -> findings."""

    def saw(self, record: RequestRecord) -> None:
        """Measure what one finished request brought."""
        if not self._limits:
            return
        target = record.target
        if target.surface is Surface.FILE_STREAM:
            logged = record.ingested.logged if record.ingested is not None else None
            if logged is not None and logged.rows:
                run = (target.entity, target.project, target.run)
                together = self._small.put(run, logged)
                if together is not None:
                    self._add_rows(run, together)
        elif target.surface is Surface.GRAPHQL:
            if record.upserted is not None:
                self._add(Subject.UPSERT, record, _RUN_AND_PROJECT)
            if record.user_agent.startswith(_PUBLIC_API):
                self._add(Subject.API, record, (Place.USER,))
        elif target.surface is Surface.STORAGE and record.method == "PUT" and record.status == 200:
            self._add(Subject.FILE, record, (Place.RUN,))

    def catch_up(self) -> None:
        """Weigh what has been put off; findings are no older than the last call."""
        for run, logged in self._small.take():
            self._add_rows(run, logged)

    async def keep_up(self) -> None:
        """Catch up every second for as long as the server runs."""
        while True:
            await self._clock.sleep(_PUT_OFF)
            self.catch_up()

    def query(self, projects: Sequence[str] = (), runs: Sequence[str] = ()) -> Guidance:
        """Findings and figures whose project and run match.

        `projects` are globs over `entity/project`, `runs` globs over run names. With `runs` only
        what concerns single runs is told; without any, findings of users too.
        """
        self.catch_up()
        project_matches, run_matches = matcher(projects), matcher(runs)

        def asked_for(watch: PlaceWatch) -> object:
            if watch.project is None:
                return not projects and not runs
            if not project_matches(f"{watch.entity}/{watch.project}"):
                return False
            return not runs if watch.run is None else run_matches(watch.run)

        watches = {
            place: [watch for watch in kept.values() if asked_for(watch)]
            for place, kept in self._places.items()
        }
        order = (Place.PROJECT, Place.RUN, Place.USER)
        return Guidance(
            findings=[
                finding
                for place in order
                for watch in watches[place]
                for finding in watch.findings()
            ],
            projects=[_figures(watch) for watch in watches[Place.PROJECT]],
            ranges=dict(self._limits),
            forgotten_projects=self._forgotten[Place.PROJECT],
            forgotten_runs=self._forgotten[Place.RUN],
        )

    def of_run(self, entity: str, project: str, run: str) -> list[str]:
        """The ranges that a run has left."""
        self.catch_up()
        watch = self._places[Place.RUN].get((entity, project, run))
        return watch.names_of_findings() if watch is not None else []

    def counted(self) -> Iterator[tuple[str, str | None, int]]:
        """(range, entity/project or None, findings), those of its runs included."""
        self.catch_up()
        for (name, project), count in self._found.items():
            yield name, project, count

    def _add_rows(self, run: RunNames, logged: LoggedRows) -> None:
        target = Target(Surface.FILE_STREAM, *run)
        record = RequestRecord(target, 0.0, "POST", "", ingested=Ingested(logged.rows))
        assert record.ingested is not None
        record.ingested.logged = logged
        self._add(Subject.ROWS, record, _RUN_AND_PROJECT)
        if logged.with_video:
            self._add(Subject.VIDEO, record, _RUN_AND_PROJECT)
        if logged.largest > WEIGHED_FROM:
            self._add(Subject.LARGE, record, _RUN_AND_PROJECT)

    def _add(self, subject: Subject, record: RequestRecord, places: tuple[Place, ...]) -> None:
        wall = self._clock.wall()
        target = record.target
        for place in places:
            if place is Place.USER:
                names: _Names = (record.caller.user or record.caller.ip,)
            elif place is Place.RUN:
                names = (target.entity, target.project, target.run)
            else:
                names = (target.entity, target.project)
            kept = self._places[place]
            watch = kept.get(names)
            if watch is not None:
                kept.move_to_end(names)
            elif None in names:  # the request names no such place
                continue
            else:
                watch = self._begin(place, names)
            for finding in watch.add(subject, record, wall):
                self._tell(finding)

    def _begin(self, place: Place, names: _Names) -> PlaceWatch:
        kept = self._places[place]
        if len(kept) >= self._most[place]:
            _, forgotten = kept.popitem(last=False)
            self._forgotten[place] += 1
            for name in forgotten.names_of_findings():
                self._found[name, _project_path(forgotten)] -= 1
        watch = kept[names] = PlaceWatch(place, names, RANGES, self._limits)
        return watch

    def _tell(self, finding: Finding) -> None:
        """Count a new finding, and give it its line in the log."""
        self._found[finding.range, _project_path(finding)] += 1
        fields: dict[str, object | None] = {
            "range": finding.range,
            "project": _project_path(finding),
            "run": finding.run,
            "user": finding.user,
            "key": finding.key,
            "measured": finding.peak,
            "limit": finding.limit,
            "unit": finding.unit,
            "advice": finding.advice,
            "source": SOURCE,
        }
        shown = {name: value for name, value in fields.items() if value is not None}
        _log.warning("beyond W&B's guidance", extra={"fields": shown})


def _project_path(where: Finding | PlaceWatch) -> str | None:
    return None if where.project is None else f"{where.entity}/{where.project}"


def _figures(watch: PlaceWatch) -> ProjectFigures:
    figures = ProjectFigures(entity=watch.entity or "", project=watch.project or "")
    for one in watch.watched():
        measure = one.measure
        measure.now()
        figures.peaks[one.range.name] = measure.peak
        if isinstance(measure, MetricCardinality):
            figures.metrics_error = measure.sketch.error
            figures.largest_groups = measure.largest_groups()
        elif isinstance(measure, ValueSize):
            figures.largest_values = measure.largest_values()
    return figures
