"""Which requests of the journal somebody wants to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mockwb.observe.globs import matcher
from mockwb.record import RequestRecord


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """All conditions hold of a request that is asked for; an empty one asks for nothing."""

    projects: Sequence[str] = ()
    """Globs over `entity/project`."""
    runs: Sequence[str] = ()
    """Globs over run names."""
    endpoints: Sequence[str] = ()
    statuses: Sequence[str] = ()
    """`200`, `4xx`, ...; 0 is a client that went away."""
    since: float | None = None
    """Seconds since the Unix epoch at which requests began, at the earliest."""
    until: float | None = None
    """Likewise at the latest."""

    def test(self, to_wall: float) -> Callable[[RequestRecord], bool]:
        """Whether a record is asked for; `to_wall` added to its times gives Unix time."""
        project_matches, run_matches = matcher(self.projects), matcher(self.runs)
        since = None if self.since is None else self.since - to_wall
        until = None if self.until is None else self.until - to_wall

        def asked_for(record: RequestRecord) -> bool:
            target = record.target
            if self.endpoints and target.surface.value not in self.endpoints:
                return False
            if self.statuses and not _is_among(record.status, self.statuses):
                return False
            if since is not None and record.started_at < since:
                return False
            if until is not None and record.started_at > until:
                return False
            if self.projects:
                path = target.project_path
                if path is None or not project_matches(path):
                    return False
            return not self.runs or (target.run is not None and bool(run_matches(target.run)))

        return asked_for


def _is_among(status: int, statuses: Sequence[str]) -> bool:
    return str(status) in statuses or f"{status // 100}xx" in statuses
