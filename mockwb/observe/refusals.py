"""Sums refusals up, so that a throttled project costs one log line and not thousands."""

from collections import Counter


class Refusals:
    """429s since the last summary, per project and limit."""

    def __init__(self, max_projects: int = 1000) -> None:
        """Keep at most `max_projects` apart between two summaries; the rest is summed as one."""
        self._max_projects = max_projects
        self._by_project: dict[str, Counter[str]] = {}

    def add(self, project: str | None, limit: str) -> None:
        """Count one refusal of `project` (None: the request names none) by `limit`."""
        name = project if project is not None else "(no project)"
        counts = self._by_project.get(name)
        if counts is None:
            if len(self._by_project) >= self._max_projects:
                name = "(other projects)"
            counts = self._by_project.setdefault(name, Counter())
        counts[limit] += 1

    def take(self) -> dict[str, dict[str, int]]:
        """Refusals since the last call, project -> limit -> count; and start anew."""
        taken = {project: dict(counts) for project, counts in self._by_project.items()}
        self._by_project = {}
        return taken
