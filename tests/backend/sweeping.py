"""Sweeps without an SDK: made, and carried out by agents that do as they are told."""

import json
from typing import Any

import yaml

from mockwb.backend.file_stream import HISTORY, SUMMARY, Chunk, Update
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.sweep import Sweep, SweepKey
from mockwb.backend.sweep_agents import Agent
from mockwb.backend.sweep_upsert import SweepFields
from mockwb.backend.world import World

GRID: dict[str, Any] = {"method": "grid", "parameters": {"lr": {"values": [1, 2, 3]}}}


async def make(world: World, config: dict[str, Any] | None = None, **fields: Any) -> Sweep:
    """A sweep of ada's, over three points unless `config` says otherwise."""
    text = yaml.safe_dump(GRID if config is None else config)
    said = SweepFields(entity="team", project="vision", config=text, **fields)
    return (await world.sweeps.upsert.apply("ada", said))[0]


async def change(world: World, sweep: Sweep, **fields: Any) -> Sweep:
    """The sweep after another UpsertSweep."""
    said = SweepFields(id=sweep.key.storage_id, entity="ada", **fields)
    return (await world.sweeps.upsert.apply("ada", said))[0]


async def join(world: World, sweep: Sweep) -> Agent:
    """A new agent."""
    return await world.sweeps.agents.register("ada", sweep, "box")


async def beat(world: World, agent: Agent, *live: str) -> dict[str, Any] | None:
    """What the agent is told when these runs are under way; None if it is told nothing."""
    _, commands = await world.sweeps.heartbeat.apply(agent.id, list(live), "{}")
    assert len(commands) <= 1
    return commands[0] if commands else None


async def start(world: World, sweep: Sweep, name: str) -> RunKey:
    """A run's own stream begins."""
    key = RunKey(sweep.entity, sweep.project, name)
    said = RunFields(entity=key.entity, project=key.project, name=name, host="box", program="t.py")
    await world.run_upsert.apply("ada", said)
    return key


async def log(world: World, key: RunKey, values: list[float]) -> None:
    """Stream the run's losses; the summary has the last one."""
    lines = [json.dumps({"_step": n, "loss": value}) for n, value in enumerate(values)]
    files = {HISTORY: Chunk(lines), SUMMARY: Chunk([json.dumps({"loss": values[-1]})])}
    await world.file_stream.apply(key, Update(files=files))


async def finish(world: World, key: RunKey, exit_code: int = 0) -> None:
    """The run's stream ends."""
    await world.file_stream.apply(key, Update(complete=True, exitcode=exit_code))


async def current(world: World, key: SweepKey) -> Sweep:
    """The sweep as it is now."""
    return await world.sweeps.all.get(key)
