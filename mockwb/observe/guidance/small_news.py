"""Small pieces of news about runs, put together until a few dozen have come. Used by `watch`.

A request with a row or two is the most frequent there is; to weigh it against every range of its
run and its project costs more than to store it.
"""

from collections.abc import Iterable, Iterator

from mockwb.logged_rows import WEIGHED_FROM, LoggedRows, Second, Shape

RunNames = tuple[str | None, str | None, str | None]
"""Entity, project, run."""

_SMALL = 16
"""Rows of one request."""
_ENOUGH = 32
"""Requests of one run."""


class SmallNews:
    """What runs logged since it was last taken."""

    __slots__ = ("_by_run",)

    def __init__(self) -> None:
        self._by_run: dict[RunNames, list[LoggedRows]] = {}

    def put(self, run: RunNames, logged: LoggedRows) -> LoggedRows | None:
        """Keep it for later, and give None; or all there is of the run, to be weighed now."""
        kept = self._by_run.get(run)
        if (
            logged.rows > _SMALL
            or logged.largest > WEIGHED_FROM
            or logged.with_video
            or None in logged.seconds
        ):
            if kept is None:
                return logged
        elif kept is None:
            self._by_run[run] = [logged]
            return None
        else:
            kept.append(logged)
            if len(kept) < _ENOUGH:
                return None
            del self._by_run[run]
            return _together(kept)
        del self._by_run[run]
        kept.append(logged)
        return _together(kept)

    def take(self) -> Iterator[tuple[RunNames, LoggedRows]]:
        """Everything, run by run; nothing is left."""
        taken, self._by_run = self._by_run, {}
        for run, kept in taken.items():
            yield run, _together(kept)


def _together(parts: Iterable[LoggedRows]) -> LoggedRows:
    whole = LoggedRows()
    seconds: dict[int | None, Second] = {}
    shapes: set[Shape] = set()
    for part in parts:
        whole.rows += part.rows
        whole.points += part.points
        shapes.update(part.shapes)
        for at, second in part.seconds.items():
            kept = seconds.get(at)
            if kept is None:
                seconds[at] = Second(second.rows, second.points, second.video_bytes)
            else:
                kept.rows += second.rows
                kept.points += second.points
                kept.video_bytes += second.video_bytes
        if part.with_video:
            whole.with_video = True
        if part.largest > whole.largest:
            whole.largest, whole.large_values = part.largest, part.large_values
    whole.seconds, whole.shapes = seconds, list(shapes)
    return whole
