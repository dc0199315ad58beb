"""The runs of a sweep: made for agents, listed, and told from those that joined by themselves."""

from typing import Any

import msgspec

from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.listed_runs import ListedRuns
from mockwb.backend.run import ENDED, Run, RunKey, RunState
from mockwb.backend.run_listing import RunListing
from mockwb.backend.run_upsert import RunFields, RunUpsert
from mockwb.backend.runs import Runs
from mockwb.backend.store import Store
from mockwb.backend.sweep import Sweep, SweepKey
from mockwb.backend.sweep_search import Args


class SweepRun(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep knows of a run that it made."""

    name: str
    args: Args
    agent: str | None = None
    """Id of the agent that got it; None while it waits for one."""
    stopped_early: bool = False


class SweepRuns:
    """Runs by sweep."""

    def __init__(
        self, store: Store, runs: Runs, run_upsert: RunUpsert, run_listing: RunListing
    ) -> None:
        """Work on the given nouns."""
        self._store = store
        self._runs = runs
        self._run_upsert = run_upsert
        self._run_listing = run_listing

    async def add(
        self,
        sweep: Sweep,
        args: Args,
        user: str,
        agent: str | None,
        display_name: str | None = None,
    ) -> SweepRun:
        """Make a pending run for `agent`, or for the next agent that asks.

        InvalidError if `args` or the name cannot be stored.
        """
        fields = RunFields(
            entity=sweep.entity,
            project=sweep.project,
            sweep=sweep.name,
            config=to_json(args),
            display_name=display_name,
            state=RunState.PENDING,
        )
        run, _ = await self._run_upsert.apply(user, fields)
        made = SweepRun(name=run.name, args=args, agent=agent)
        await self.put(sweep.key, made)
        return made

    async def put(self, key: SweepKey, run: SweepRun) -> None:
        """Store what a sweep knows of a run."""
        await self._store.put(_table(key), run.name, run)

    async def find(self, key: SweepKey, name: str) -> SweepRun | None:
        """What the sweep knows of the run; None for one that it did not make."""
        found: SweepRun | None = await self._store.get(_table(key), name)
        return found

    async def of_sweep(self, key: SweepKey, order: str | None = None) -> ListedRuns:
        """All runs that name the sweep, oldest first unless `order` says otherwise."""
        filters = to_json({"sweep": key.name})
        order = order or "+created_at"
        return await self._run_listing.select(key.entity, key.project, filters, order)

    async def of_agent(self, key: SweepKey, agent: str, order: str | None = None) -> ListedRuns:
        """The runs that an agent got, likewise."""
        made: list[SweepRun] = await self._store.records(_table(key))
        names = {run.name for run in made if run.agent == agent}
        return (await self.of_sweep(key, order)).kept(lambda run: run.name in names)

    async def waiting(self, key: SweepKey) -> tuple[SweepRun, bool] | None:
        """The next run for an agent, and whether it goes on: enqueued ones and preempted ones."""
        for made in await self._store.records(_table(key)):
            place = RunKey(key.entity, key.project, made.name)
            if await self._runs.find(place) is None:
                continue
            state = await self._runs.state(place)
            if state is RunState.PREEMPTED:
                return made, True
            if made.agent is None and state is RunState.PENDING:
                return made, False
        return None

    async def tried(self, sweep: Sweep) -> list[Args]:
        """What the runs there are, and those from before, have tried."""
        made = {run.name: run for run in await self._store.records(_table(sweep.key))}
        runs = await self.of_sweep(sweep.key)
        return [
            made[run.name].args if run.name in made else args_of(run)
            for run in [*runs, *await self.prior(sweep)]
        ]

    async def prior(self, sweep: Sweep) -> list[Run]:
        """The runs from before that are still there."""
        keys = [RunKey(sweep.entity, sweep.project, name) for name in sweep.prior_runs]
        found = [await self._runs.find(key) for key in keys]
        return [run for run in found if run is not None]

    async def stop_all(self, key: SweepKey) -> None:
        """Ask all runs to stop; those that nobody has begun are killed at once."""
        for run in await self.of_sweep(key):
            progress = await self._runs.progress_of(run.key)
            if progress.state in ENDED:
                continue
            await self._runs.request_stop(run.key)
            if progress.state is RunState.PENDING:
                await self.note_killed(run.key)

    async def note_killed(self, key: RunKey) -> None:
        """A run was stopped and will not say so itself; nothing happens to one that has."""
        progress = await self._runs.progress(key)
        if progress is not None and progress.state not in ENDED:
            killed = msgspec.structs.replace(progress, state=RunState.KILLED)
            await self._runs.put_progress(key, killed)

    async def forget(self, key: SweepKey) -> None:
        """Drop what a sweep knows of its runs; the runs themselves stay."""
        for run in await self._store.records(_table(key)):
            await self._store.delete(_table(key), run.name)


def args_of(run: Run) -> Args:
    """The config of a run as the search sees it."""
    config: dict[str, Any] = parse_object(run.config, "config") if run.config else {}
    return {key: entry for key, entry in config.items() if key != "_wandb"}


def _table(key: SweepKey) -> str:
    return f"sweep-run/{'/'.join(key)}"
