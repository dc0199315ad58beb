"""Lists of runs: filtered, ordered, counted, in pages."""

from typing import Any

from mockwb.backend.history import History
from mockwb.backend.history_row import parse_row
from mockwb.backend.run import Run
from mockwb.backend.run_facts import HISTORY_PREFIX, SUMMARY_PREFIX, SYSTEM_PREFIXES, RunFacts
from mockwb.backend.run_filter import parse_filter
from mockwb.backend.runs import Runs
from mockwb.backend.summary import Summaries

DEFAULT_ORDER = "-created_at"
"""Newest first, where a caller names no order."""


class RunListing:
    """Answers questions about the runs of a project."""

    def __init__(self, runs: Runs, summaries: Summaries, history: History) -> None:
        """Read from the given nouns."""
        self._runs = runs
        self._summaries = summaries
        self._history = history

    async def select(
        self, entity: str, project: str, filters: str | None = None, order: str | None = None
    ) -> list[Run]:
        """Runs that match `filters` (JSON text), sorted by `order` (`+key` or `-key`).

        InvalidError for filters that are none. Runs without the key come last either way; of
        equal ones, the one made first comes first, or last if the order descends.
        """
        run_filter = parse_filter(filters)
        order = order or DEFAULT_ORDER
        sort_key = order.lstrip("+-")
        wanted = run_filter.keys | {sort_key}
        facts = [await self._facts(run, wanted) for run in await self._of(entity, project)]
        chosen = [fact for fact in facts if run_filter.test(fact.known)]
        return [fact.run for fact in _sorted(chosen, sort_key, descending=order.startswith("-"))]

    async def _of(self, entity: str, project: str) -> list[Run]:
        runs = await self._runs.of_project(entity, project)
        return sorted(runs, key=lambda run: run.number)

    async def _facts(self, run: Run, wanted: frozenset[str]) -> RunFacts:
        """What is needed to look up the `wanted` keys, and no more."""
        key = run.key
        progress = await self._runs.progress_of(key)
        facts = RunFacts(run, progress, await self._runs.state(key))
        if any(name.startswith(SUMMARY_PREFIX) or name == "duration" for name in wanted):
            facts.summary = await self._summaries.values(key)
        if any(name.startswith(HISTORY_PREFIX) for name in wanted):
            keys = await self._history.keys(key)
            facts.history_keys = keys["keys"] if keys else {}
        if any(name.startswith(SYSTEM_PREFIXES) for name in wanted):
            event = await self._history.latest_event(key)
            facts.system = parse_row(event) if event else {}
        return facts


def _sorted(facts: list[RunFacts], key: str, *, descending: bool) -> list[RunFacts]:
    ranked: list[tuple[tuple[int, Any], int, RunFacts]] = []
    rest: list[RunFacts] = []
    for fact in facts:
        rank = _rank(fact.known(key))
        if rank is None:
            rest.append(fact)
        else:
            ranked.append((rank, fact.run.number, fact))
    ranked.sort(key=lambda entry: entry[:2], reverse=descending)
    return [fact for _, _, fact in ranked] + rest


def _rank(known: tuple[bool, Any]) -> tuple[int, Any] | None:
    """A sortable stand-in: numbers before texts; None for what cannot be ranked."""
    there, value = known
    if not there or value is None or value != value:  # noqa: PLR0124 -- NaN
        return None
    if isinstance(value, int | float):
        return (0, value)
    return (1, value) if isinstance(value, str) else None
