"""`GET /_mockwb/content`: what runs logged, as digests."""

from mockwb.backend.history import History
from mockwb.backend.history_row import parse_rows
from mockwb.backend.run import RunKey
from mockwb.backend.runs import Runs
from mockwb.clock import Clock
from mockwb.content import MOST_RUNS, Content, ContentDigest, Contents
from mockwb.control.resource import Call, Operation
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.observe.globs import matcher

_AT_A_TIME = 200
"""Rows; others are served between."""


class ContentResource:
    """Serves `mockwb.content.Contents`."""

    name = "content"
    path = "/_mockwb/content"

    def __init__(self, runs: Runs, history: History, clock: Clock) -> None:
        self._runs = runs
        self._history = history
        self._clock = clock
        self.operations = [
            Operation(
                "GET",
                f"Digests of the history of runs that match, of the first {MOST_RUNS}",
                self.get,
                Contents,
                parameters=RUN_GLOBS,
            )
        ]

    async def get(self, call: Call) -> Contents:
        """Over the rows that are stored now."""
        keys = await self._matching(call)
        contents = [await self._content(key) for key in keys[:MOST_RUNS]]
        return Contents(runs=contents, left_out=max(0, len(keys) - MOST_RUNS))

    async def _matching(self, call: Call) -> list[RunKey]:
        project_matches = matcher(call.every("project"))
        run_matches = matcher(call.every("run"))
        return [
            run.key
            for entity, project in await self._runs.projects()
            if project_matches(f"{entity}/{project}")
            for run in await self._runs.of_project(entity, project)
            if run_matches(run.name)
        ]

    async def _content(self, key: RunKey) -> Content:
        lines = await self._history.all_rows(key)
        digest = ContentDigest()
        for start in range(0, len(lines), _AT_A_TIME):
            await self._clock.sleep(0)
            for row in parse_rows(lines[start : start + _AT_A_TIME]):
                digest.add(row)
        return digest.content(key.entity, key.project, key.name)
