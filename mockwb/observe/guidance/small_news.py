"""Small pieces of news about runs, put together until a few dozen have come. Used by `watch`.

A request with a row or two is the most frequent there is; to weigh it against every range of its
run and its project costs more than to store it.
"""

from collections.abc import Iterator

from mockwb.logged_rows import WEIGHED_FROM, LargeValue, LoggedRows, Second, Shape

RunNames = tuple[str | None, str | None, str | None]
"""Entity, project, run."""

_SMALL = 16
"""Rows of one request."""
_ENOUGH = 64
"""Requests of one run."""


class SmallNews:
    """What runs logged since it was last taken."""

    __slots__ = ("_by_run",)

    def __init__(self) -> None:
        self._by_run: dict[RunNames, _Sum] = {}

    def put(self, run: RunNames, logged: LoggedRows) -> LoggedRows | None:
        """Keep it for later, and give None; or all there is of the run, to be weighed now."""
        kept = self._by_run.get(run)
        small = (
            logged.rows <= _SMALL
            and logged.largest <= WEIGHED_FROM
            and not logged.with_video
            and None not in logged.seconds
        )
        if kept is None:
            if not small:
                return logged
            kept = self._by_run[run] = _Sum()
        kept.add(logged)
        if small and kept.requests < _ENOUGH:
            return None
        del self._by_run[run]
        return kept.whole()

    def take(self) -> Iterator[tuple[RunNames, LoggedRows]]:
        """Everything, run by run; nothing is left."""
        taken, self._by_run = self._by_run, {}
        for run, kept in taken.items():
            yield run, kept.whole()


class _Sum:
    """What several requests of one run logged.

    Summed up at once: to keep them all would push other things out of the processor's caches.
    """

    __slots__ = ("_largest", "_points", "_rows", "_seconds", "_shapes", "_with_video", "requests")

    def __init__(self) -> None:
        self.requests = 0
        self._rows = self._points = 0
        self._seconds: dict[int | None, Second] = {}
        self._shapes: dict[int, Shape] = {}
        """By `id`: those that differ are few, and hashing them takes longer."""
        self._largest: tuple[int, list[LargeValue]] = (0, [])
        self._with_video = False

    def add(self, logged: LoggedRows) -> None:
        self.requests += 1
        self._rows += logged.rows
        self._points += logged.points
        for shape in logged.shapes:
            self._shapes[id(shape)] = shape
        for at, second in logged.seconds.items():
            kept = self._seconds.get(at)
            if kept is None:
                self._seconds[at] = Second(second.rows, second.points, second.video_bytes)
            else:
                kept.rows += second.rows
                kept.points += second.points
                kept.video_bytes += second.video_bytes
        if logged.largest > self._largest[0]:
            self._largest = logged.largest, logged.large_values
        if logged.with_video:
            self._with_video = True

    def whole(self) -> LoggedRows:
        largest, large_values = self._largest
        return LoggedRows(
            self._rows,
            self._points,
            [*self._shapes.values()],
            self._seconds,
            largest=largest,
            with_video=self._with_video,
            large_values=large_values,
        )
