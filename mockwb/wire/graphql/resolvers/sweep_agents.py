"""Agents of sweeps: registered, heard of, and shown."""

from typing import Any

from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.projects import UNCATEGORIZED
from mockwb.backend.sweep import SweepKey
from mockwb.backend.sweep_agents import Agent
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.run_list import runs_page


@field("Mutation", "createAgent")
async def create_agent(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Register an agent for a sweep, by the sweep's short id."""
    key = SweepKey.from_storage_id(values["sweep"]) or SweepKey(
        values.get("entity_name") or context.entity,
        values.get("project_name") or UNCATEGORIZED,
        values["sweep"],
    )
    context.touch_project(key.entity, key.project)
    sweep = await context.world.sweeps.all.get(key)
    agent = await context.world.sweeps.agents.register(context.user, sweep, values["host"])
    return {"agent": agent}


@field("Mutation", "agentHeartbeat")
async def agent_heartbeat(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Note what an agent does, and tell it what to do."""
    stated = parse_object(values.get("run_state") or "{}", "runState")
    live = [name for name, alive in stated.items() if alive]
    agent, commands = await context.world.sweeps.heartbeat.apply(
        values["id"], live, values.get("metrics")
    )
    context.touch_project(agent.sweep.entity, agent.sweep.project)
    return {"agent": agent, "commands": to_json(commands)}


@field("Agent", "state")
def state(agent: Agent, context: GraphQLContext) -> str:
    """As of now: agents that are not heard of crash like runs."""
    return agent.state_at(context.world.clock.wall(), context.world.runs.crash_after)


@field("Agent", "totalRuns")
async def total_runs(agent: Agent, context: GraphQLContext) -> int:
    """Runs that it got."""
    found = await context.world.sweeps.runs.of_agent(agent.sweep, agent.id)
    return len(found)


@field("Agent", "runs")
async def runs(
    agent: Agent,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    """The runs that it got, in pages; `last` and `before` are null in all that SDKs send."""
    found = await context.world.sweeps.runs.of_agent(agent.sweep, agent.id, order)
    return runs_page(found, first, after)
