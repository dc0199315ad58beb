"""AgentHeartbeat: an agent says which runs are under way, and is told what to do next.

One command at a time: `wandb.agent(function=...)` looks at the first one only. An agent gets a run
when it has none; a sweep is looked after by one heartbeat at a time, so no run is given twice.
"""

from typing import Any

import msgspec

from mockwb.backend.run import RunKey
from mockwb.backend.runs import Runs
from mockwb.backend.sweep import OPEN, UNDER_WAY, Sweep, SweepState
from mockwb.backend.sweep_agents import Agent, SweepAgents
from mockwb.backend.sweep_config import parse_config
from mockwb.backend.sweep_planner import SweepPlanner
from mockwb.backend.sweep_runs import SweepRun, SweepRuns
from mockwb.backend.sweeps import Sweeps
from mockwb.clock import Clock

Command = dict[str, Any]


class SweepHeartbeat:
    """The operation."""

    def __init__(
        self,
        clock: Clock,
        runs: Runs,
        sweeps: Sweeps,
        sweep_runs: SweepRuns,
        agents: SweepAgents,
        planner: SweepPlanner,
    ) -> None:
        """Work on the given nouns."""
        self._clock = clock
        self._runs = runs
        self._sweeps = sweeps
        self._sweep_runs = sweep_runs
        self._agents = agents
        self._planner = planner

    async def apply(
        self, agent_id: str, live: list[str], metrics: str | None
    ) -> tuple[Agent, list[Command]]:
        """The agent, and its commands.

        `live` names the runs that it says are under way. NotFoundError without such an agent, or
        when its sweep was deleted; InvalidError if the search fails.
        """
        key = (await self._agents.get(agent_id)).sweep
        async with self._sweeps.lock(key):
            sweep = await self._sweeps.get(key)
            agent = await self._agents.get(agent_id)
            await self._bury(sweep, agent, live)
            now = self._clock.wall()
            agent = msgspec.structs.replace(
                agent, live=tuple(live), metrics=metrics or agent.metrics, heartbeat_at=now
            )
            await self._agents.put(agent)
            begun = SweepState.RUNNING if sweep.state is SweepState.PENDING else sweep.state
            sweep = msgspec.structs.replace(sweep, state=begun, heartbeat_at=now)
            await self._sweeps.put(sweep)
            command = await self._next(sweep, agent)
            if command is not None and command["type"] == "exit":
                agent = msgspec.structs.replace(agent, dismissed=True)
                await self._agents.put(agent)
            return agent, [] if command is None else [command]

    async def _bury(self, sweep: Sweep, agent: Agent, live: list[str]) -> None:
        """Runs that were stopped and are gone will not always say so themselves."""
        for name in agent.live:
            run = RunKey(sweep.entity, sweep.project, name)
            if name not in live and await self._stop_requested(run):
                await self._sweep_runs.note_killed(run)

    async def _next(self, sweep: Sweep, agent: Agent) -> Command | None:
        victim = await self._to_stop(sweep, agent)
        if victim is not None:
            return {"type": "stop", "run_id": victim}
        if agent.live:
            return None
        if sweep.state in OPEN:
            return await self._give(sweep, agent)
        return None if sweep.state in UNDER_WAY else {"type": "exit"}

    async def _to_stop(self, sweep: Sweep, agent: Agent) -> str | None:
        """A run of the agent's that shall stop."""
        if not agent.live:
            return None
        if sweep.state in OPEN:
            await self._planner.stop_early(sweep)
        for name in agent.live:
            run = RunKey(sweep.entity, sweep.project, name)
            if sweep.state is SweepState.CANCELED or await self._stop_requested(run):
                return name
        return None

    async def _stop_requested(self, run: RunKey) -> bool:
        progress = await self._runs.progress(run)
        return progress is not None and progress.stop_requested

    async def _give(self, sweep: Sweep, agent: Agent) -> Command | None:
        """A run for the agent; None if it shall ask again."""
        config = parse_config(sweep.config)
        found = await self._sweep_runs.waiting(sweep.key)
        if found is not None:
            run, goes_on = found
            given = msgspec.structs.replace(run, agent=agent.id)
            await self._sweep_runs.put(sweep.key, given)
            if goes_on:
                await self._planner.requeue(sweep, given)
            return _run_command(given, config.values, "resume" if goes_on else "run")
        if config.steered_by_client:
            return None
        args = await self._planner.next_args(sweep, config)
        if args is None:
            await self._sweeps.change(sweep, state=SweepState.FINISHED)
            return {"type": "exit"}
        made = await self._sweep_runs.add(sweep, args, agent.user, agent.id)
        return _run_command(made, config.values, "run")


def _run_command(run: SweepRun, config: dict[str, Any], kind: str) -> Command:
    return {
        "type": kind,
        "run_id": run.name,
        "program": config.get("program"),
        "args": run.args,
    }
