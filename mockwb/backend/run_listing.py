"""Lists of runs: filtered, ordered, counted, in pages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mockwb.backend.history import History
from mockwb.backend.history_row import parse_row
from mockwb.backend.listed_runs import ListedRuns
from mockwb.backend.run_facts import HISTORY_PREFIX, SUMMARY_PREFIX, SYSTEM_PREFIXES, RunFacts
from mockwb.backend.run_filter import Known
from mockwb.backend.run_index import RunIndex
from mockwb.backend.runs import Runs
from mockwb.backend.summary import Summaries

DEFAULT_ORDER = "-created_at"
"""Newest first, where a caller names no order."""
MAX_INDEXES = 16
"""Projects that are kept ready; those listed longest ago are forgotten."""


class RunListing:
    """Answers questions about the runs of a project."""

    def __init__(self, runs: Runs, summaries: Summaries, history: History) -> None:
        """Read from the given nouns."""
        self._runs = runs
        self._summaries = summaries
        self._history = history
        self._indexes: dict[tuple[str, str], RunIndex] = {}
        self._lock = asyncio.Lock()
        """A long look at runs lets other requests run; they must not find half an index."""

    async def select(
        self, entity: str, project: str, filters: str | None = None, order: str | None = None
    ) -> ListedRuns:
        """Runs that match `filters` (JSON text), sorted by `order` (`+key` or `-key`).

        InvalidError for filters that are none. Runs without the key come last either way; of
        equal ones, the one made first comes first, or last if the order descends.
        """
        order = order or DEFAULT_ORDER
        async with self._index(entity, project) as index:
            return await index.select(filters, order.lstrip("+-"), descending=order.startswith("-"))

    async def count(self, entity: str, project: str, filters: str | None = None) -> int:
        """How many runs match `filters`; InvalidError if they are none."""
        async with self._index(entity, project) as index:
            return len(await index.matching(filters))

    @asynccontextmanager
    async def _index(self, entity: str, project: str) -> AsyncIterator[RunIndex]:
        """The runs of a project as they are now."""
        place = entity, project
        async with self._lock:
            # It stays away if something goes wrong half-way.
            index = self._indexes.pop(place, None) or RunIndex(
                self._look_up, self._runs.crash_after
            )
            await index.refresh(*await self._runs.tables(entity, project))
            yield index
            self._indexes[place] = index
            if len(self._indexes) > MAX_INDEXES:
                del self._indexes[next(iter(self._indexes))]

    async def _look_up(self, facts: RunFacts, key: str) -> Known:
        """The value of a key, after loading what is needed to know it."""
        run = facts.run.key
        if facts.summary is None and (key.startswith(SUMMARY_PREFIX) or key == "duration"):
            facts.summary = await self._summaries.values(run)
        if facts.history_keys is None and key.startswith(HISTORY_PREFIX):
            keys = await self._history.keys(run)
            facts.history_keys = keys["keys"] if keys else {}
        if facts.system is None and key.startswith(SYSTEM_PREFIXES):
            event = await self._history.latest_event(run)
            facts.system = parse_row(event) if event else {}
        return facts.known(key)
