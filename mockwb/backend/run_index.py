"""What filters and orders ask of the runs of one project, kept from one list to the next.

Thousands of runs are listed page by page, by dashboards again and again, while a few of them go
on. So what was looked up is kept in columns, and only runs that were heard of since are looked at.
"""

from collections.abc import Awaitable, Callable, Mapping, Set

from mockwb.backend.errors import InvalidError
from mockwb.backend.listed_runs import ListedRuns
from mockwb.backend.run import ENDED, Run, RunProgress, RunState
from mockwb.backend.run_columns import Column
from mockwb.backend.run_facts import DATES, RunFacts
from mockwb.backend.run_filter import Comparison, Known, parse_filter

MAX_COLUMNS = 50
"""Keys that are kept; the ones used longest ago are forgotten."""

MAX_FILTERS = 20
"""Filters whose result is kept."""

LookUp = Callable[[RunFacts, str], Awaitable[Known]]


class RunIndex:
    """The runs of one project by position, oldest first, and their columns."""

    def __init__(self, look_up: LookUp, crash_after: float) -> None:
        """Ask `look_up` for values; running runs crash after `crash_after` seconds of silence."""
        self._look_up = look_up
        self._crash_after = crash_after
        self._facts: list[RunFacts] = []
        self._everything: frozenset[int] = frozenset()
        self._columns: dict[str, Column] = {}
        self._silent_at = 0.0
        """From when on a run may have crashed that nothing was heard of."""
        self._matching: dict[str, Set[int]] = {}
        """Positions by filter, until something changes."""
        self._selected: dict[tuple[str, str, bool], ListedRuns] = {}
        """Runs by filter and order, until something changes: the next page asks for the same."""
        self._listed: list[Run] = []
        self._runs: Mapping[str, Run] = {}
        self._progress: Mapping[str, RunProgress] = {}

    async def matching(self, filters: str | None) -> Set[int]:
        """The positions of the runs that pass `filters`; InvalidError if they are none."""
        found = self._matching.get(filters or "")
        if found is None:
            parsed = parse_filter(filters)
            if wrong := sorted(parsed.numbers & DATES):
                raise InvalidError(f"filters: {wrong[0]} is a date, which no number compares with")
            await self._prepare(parsed.keys)
            if len(self._matching) == MAX_FILTERS:
                self._matching.clear()
            found = self._matching[filters or ""] = parsed.select(self)
        return found

    @property
    def everything(self) -> frozenset[int]:
        """All positions."""
        if len(self._everything) != len(self._facts):
            self._everything = frozenset(range(len(self._facts)))
        return self._everything

    async def select(self, filters: str | None, key: str, *, descending: bool) -> ListedRuns:
        """The runs that pass `filters`, in order of `key`."""
        asked = filters or "", key, descending
        found = self._selected.get(asked)
        if found is None:
            chosen = await self.matching(filters)
            await self._prepare(frozenset({key}))
            entries = self._columns[key].in_order(descending=descending)
            found = ListedRuns(self._listed, entries, chosen, descending=descending)
            if len(self._selected) == MAX_FILTERS:
                self._selected.clear()
            self._selected[asked] = found
        return found

    def where(self, key: str, comparison: Comparison) -> Set[int]:
        """The positions whose value of `key` the comparison holds for."""
        return self._columns[key].where(comparison, self.everything)

    async def _prepare(self, keys: frozenset[str]) -> None:
        """Have a column for each of `keys`."""
        for key in sorted(keys):
            column = self._columns.pop(key, None)
            if column is None or column.worn:
                column = Column([await self._look_up(facts, key) for facts in self._facts])
            self._columns[key] = column
        while len(self._columns) > max(MAX_COLUMNS, len(keys)):
            del self._columns[next(iter(self._columns))]

    async def refresh(
        self, runs: Mapping[str, Run], progress: Mapping[str, RunProgress], now: float
    ) -> None:
        """Take in what changed: `runs` (oldest first) and `progress` are those of now, by name."""
        if runs is not self._runs or progress is not self._progress:
            await self._take_in(list(runs.values()), progress, now)
            self._listed = [facts.run for facts in self._facts]
            self._runs, self._progress = runs, progress
        if now >= self._silent_at:
            await self._look_for_crashes(now)

    async def _take_in(
        self, runs: list[Run], progress: Mapping[str, RunProgress], now: float
    ) -> None:
        self._keep_positions(runs)
        known = len(self._facts)
        for position, run in enumerate(runs):
            news = progress[run.name]
            if position < known:
                facts = self._facts[position]
                if facts.run is run and facts.progress is news:
                    continue
                await self._replace(position, facts.renewed(run, news, self._state(news, now)))
            else:
                facts = RunFacts(run, news, self._state(news, now))
                self._facts.append(facts)
                for key, column in self._columns.items():
                    column.append(await self._look_up(facts, key))
            self._forget_answers()

    def _keep_positions(self, runs: list[Run]) -> None:
        """Start over if runs are gone, for then the others have other positions."""
        former = self._facts
        if len(former) <= len(runs) and all(
            facts.run is run or facts.run.number == run.number
            for facts, run in zip(former, runs, strict=False)
        ):
            return
        self._facts, self._columns, self._silent_at = [], {}, 0.0
        self._forget_answers()

    def _forget_answers(self) -> None:
        self._matching.clear()
        self._selected.clear()

    async def _replace(self, position: int, facts: RunFacts) -> None:
        self._facts[position] = facts
        for key, column in self._columns.items():
            column.put(position, await self._look_up(facts, key))

    async def _look_for_crashes(self, now: float) -> None:
        """Silence changes the state of runs that go on, though nothing was heard of them."""
        alive = [i for i, f in enumerate(self._facts) if f.progress.state not in ENDED]
        for position in alive:
            facts = self._facts[position]
            state = self._state(facts.progress, now)
            if state is not facts.state:
                await self._replace(position, facts.renewed(facts.run, facts.progress, state))
                self._forget_answers()
        beats = [self._facts[position].progress.heartbeat_at for position in alive]
        upcoming = [beat + self._crash_after for beat in beats if beat + self._crash_after >= now]
        self._silent_at = min(upcoming, default=now + self._crash_after)

    def _state(self, progress: RunProgress, now: float) -> RunState:
        return progress.state_at(now, self._crash_after)
