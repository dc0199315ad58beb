"""What a sweep does next: the config to try, the runs to stop early, and what is best so far."""

import asyncio
import math
from typing import Any

import msgspec

from mockwb.backend.history import History, HistorySpec
from mockwb.backend.history_keys import lookup
from mockwb.backend.run import ENDED, Run, RunKey, RunState
from mockwb.backend.runs import Runs
from mockwb.backend.summary import Summaries
from mockwb.backend.sweep import Sweep
from mockwb.backend.sweep_bayes import Trial, next_by_bayes
from mockwb.backend.sweep_config import SweepConfig, parse_config
from mockwb.backend.sweep_runs import SweepRun, SweepRuns, args_of
from mockwb.backend.sweep_search import Args, next_by_chance, next_in_grid
from mockwb.backend.sweep_stopping import runs_to_stop


class SweepPlanner:
    """Looks at the runs of a sweep and draws conclusions."""

    def __init__(
        self, runs: Runs, summaries: Summaries, history: History, sweep_runs: SweepRuns
    ) -> None:
        """Read from the given nouns."""
        self._runs = runs
        self._summaries = summaries
        self._history = history
        self._sweep_runs = sweep_runs

    async def next_args(self, sweep: Sweep, config: SweepConfig) -> Args | None:
        """What the next run shall try; None if nothing is left, or the cap is reached.

        InvalidError if the search fails.
        """
        count = len(await self._sweep_runs.of_sweep(sweep.key))
        if config.run_cap is not None and count >= config.run_cap:
            return None
        if config.method == "grid":
            return next_in_grid(config, await self._sweep_runs.tried(sweep))
        if config.method == "random":
            return next_by_chance(config, f"{sweep.key}/{count}")
        trials = await self._trials(sweep, config)
        return await asyncio.to_thread(next_by_bayes, config, trials)

    async def stop_early(self, sweep: Sweep) -> None:
        """Ask the runs to stop that fall behind, if the config wants that."""
        config = parse_config(sweep.config)
        if config.early_terminate is None or config.metric is None or config.steered_by_client:
            return
        runs = await self._sweep_runs.of_sweep(sweep.key)
        histories = {run.name: await self._values(run, config.metric) for run in runs}
        running = [r.name for r in runs if await self._runs.state(r.key) is RunState.RUNNING]
        for name in runs_to_stop(config, histories, running):
            made = await self._sweep_runs.find(sweep.key, name)
            if made is None or made.stopped_early:
                continue
            stopped = msgspec.structs.replace(made, stopped_early=True)
            await self._sweep_runs.put(sweep.key, stopped)
            await self._runs.request_stop(RunKey(sweep.entity, sweep.project, name))

    async def requeue(self, sweep: Sweep, run: SweepRun) -> None:
        """A run that was taken away waits to be started again."""
        key = RunKey(sweep.entity, sweep.project, run.name)
        await self._runs.start(key, RunState.PENDING)

    async def best(self, sweep: Sweep) -> float | None:
        """The best value of the metric in a summary of a run that has ended; None without one."""
        config = parse_config(sweep.config)
        if config.metric is None:
            return None
        found = [
            value
            for run in await self._sweep_runs.of_sweep(sweep.key)
            if (await self._runs.state(run.key)) in ENDED
            and (value := await self._summary_value(run, config.metric)) is not None
        ]
        return (max if config.maximizes else min)(found, default=None)

    async def _trials(self, sweep: Sweep, config: SweepConfig) -> list[Trial]:
        runs = [*await self._sweep_runs.of_sweep(sweep.key), *await self._sweep_runs.prior(sweep)]
        return [await self._trial(sweep, run, config.metric or "") for run in runs]

    async def _trial(self, sweep: Sweep, run: Run, metric: str) -> Trial:
        made = await self._sweep_runs.find(sweep.key, run.name)
        best = await self._summary_value(run, metric)
        return Trial(
            name=run.name,
            state=await self._runs.state(run.key),
            args=made.args if made is not None else args_of(run),
            summary={} if best is None else {metric: best},
            history=[{metric: value} for value in await self._values(run, metric)],
        )

    async def _values(self, run: Run, metric: str) -> list[float]:
        """What the run logged of the metric."""
        rows = await self._history.chosen_keys(run.key, HistorySpec(keys=[metric]))
        return [row[metric] for row in rows if _is_finite(row[metric])]

    async def _summary_value(self, run: Run, metric: str) -> float | None:
        _, value = lookup(await self._summaries.values(run.key), metric)
        return float(value) if _is_finite(value) else None


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
