"""What a file_stream request added to a run, in the words of its record.

`file_stream` says so of what it applied itself, `mirror` of what another server took.
"""

from collections.abc import Sequence
from typing import Any

from mockwb.backend.file_stream import HISTORY, SUMMARY, Applied, Chunk
from mockwb.record import Ingested


def ingested_by(applied: Applied, chunks: dict[str, Chunk], now: float) -> Ingested | None:
    """What onlookers are told of an update, applied at `now` (seconds since the Unix epoch)."""
    if not chunks and not applied.completed:
        return None
    rows = rows_resent = rows_changed = lines = chunks_resent = 0
    gaps: list[tuple[str, int, int]] = []
    for name, written in applied.files.items():
        if name == SUMMARY:
            continue
        added = written.added
        lines += added
        if not added and written.repeated and not written.changed:
            chunks_resent += 1
        if name == HISTORY:
            rows, rows_resent, rows_changed = added, written.repeated, written.changed
        if written.gap is not None:
            gaps.append((name, *written.gap))
    logged = applied.logged
    return Ingested(
        rows,
        rows_resent,
        rows_changed,
        logged.points if logged is not None else 0,
        logged,
        lines,
        gaps,
        chunks_resent,
        _lags(logged.logged_at, now) if logged is not None else (),
        completed=applied.completed,
    )


def _lags(logged_at: Sequence[Any], now: float) -> list[float]:
    """How long ago that was; clocks that run ahead of this one count as right."""
    try:
        return [now - at if at < now else 0.0 for at in logged_at]
    except TypeError:  # some rows have no timestamp, or text
        return [max(0.0, now - at) for at in logged_at if isinstance(at, int | float)]
