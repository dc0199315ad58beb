"""What a sweep says of itself. Fields not here are attributes of the backend's `Sweep`."""

from typing import Any

from mockwb.backend.projects import Project
from mockwb.backend.sweep import Sweep, SweepKey
from mockwb.backend.sweep_agents import Agent
from mockwb.backend.sweep_config import parse_config
from mockwb.backend.users import User
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.run_list import runs_page


@field("Project", "sweep")
async def sweep(project: Project, context: GraphQLContext, sweep_name: str) -> Sweep | None:
    """A sweep by its short id; null if there is none."""
    key = SweepKey(project.entity, project.name, sweep_name)
    return await context.world.sweeps.all.find(key)


@field("Project", "sweeps")
async def sweeps(
    project: Project,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    filters: str | None = None,
) -> dict[str, Any]:
    """Sweeps by filter, newest first, in pages."""
    found = await context.world.sweeps.all.of_project(project.entity, project.name, filters)
    pages = page(found, lambda sweep: sweep.number, first=first, after=after, descending=True)
    return {**pages, "total_count": len(found)}


@field("Project", "totalSweeps")
async def total_sweeps(project: Project, context: GraphQLContext) -> int:
    """Sweeps in the project now."""
    return len(await context.world.sweeps.all.of_project(project.entity, project.name))


@field("Sweep", "id")
def storage_id(sweep: Sweep, _context: GraphQLContext) -> str:
    """What mutations take."""
    return sweep.key.storage_id


@field("Sweep", "method")
def method(sweep: Sweep, _context: GraphQLContext) -> str:
    """As the config says."""
    return parse_config(sweep.config).method


@field("Sweep", "user")
async def user(sweep: Sweep, context: GraphQLContext) -> User:
    """Owner of the API key that made it."""
    return await context.world.users.get(sweep.user)


@field("Sweep", "project")
async def project_of(sweep: Sweep, context: GraphQLContext) -> Project | None:
    """Where it lives."""
    return await context.world.projects.find(sweep.entity, sweep.project)


@field("Sweep", "bestLoss")
async def best_loss(sweep: Sweep, context: GraphQLContext) -> float | None:
    """The best value of the metric so far; null before there is one."""
    return await context.world.sweeps.planner.best(sweep)


@field("Sweep", "runCount")
async def run_count(sweep: Sweep, context: GraphQLContext) -> int:
    """Runs that name the sweep."""
    return len(await context.world.sweeps.runs.of_sweep(sweep.key))


@field("Sweep", "runCountExpected")
def run_count_expected(sweep: Sweep, _context: GraphQLContext) -> int | None:
    """Points of a grid; null for searches without an end."""
    return parse_config(sweep.config).size()


@field("Sweep", "runTime")
async def run_time(sweep: Sweep, context: GraphQLContext) -> int:
    """Seconds from the start of each run to its last heartbeat."""
    total = 0.0
    for run in await context.world.sweeps.runs.of_sweep(sweep.key):
        progress = await context.world.runs.progress_of(run.key)
        total += max(0.0, progress.heartbeat_at - run.created_at)
    return int(total)


@field("Sweep", "runs")
async def runs(
    sweep: Sweep,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:
    """The runs that name the sweep, oldest first unless told; all of them without `first`."""
    found = await context.world.sweeps.runs.of_sweep(sweep.key, order)
    return runs_page(found, first, after)


@field("Sweep", "priorRuns")
async def prior_runs(
    sweep: Sweep, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """Runs from before that the search knows."""
    found = await context.world.sweeps.runs.prior(sweep)
    places = {name: index for index, name in enumerate(sweep.prior_runs)}
    pages = page(found, lambda run: places[run.name], first=first, after=after)
    return {**pages, "total_count": len(found)}


@field("Sweep", "agents")
async def agents(
    sweep: Sweep, context: GraphQLContext, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """Its agents, oldest first."""
    found = await context.world.sweeps.agents.of_sweep(sweep.key)
    places = {agent.name: index for index, agent in enumerate(found)}  # none ever goes
    return page(found, lambda agent: places[agent.name], first=first, after=after)


@field("Sweep", "agent")
async def agent(sweep: Sweep, context: GraphQLContext, agent_name: str) -> Agent | None:
    """One of its agents by id or name; null if there is none."""
    return await context.world.sweeps.agents.find(sweep.key, agent_name)


@field("Sweep", "controllerRunName")
def controller_run_name(sweep: Sweep, _context: GraphQLContext) -> str:
    """The sweep's own short id, as with schedulers that launch starts."""
    return sweep.name


@field("Sweep", "earlyStopJobRunning")
def early_stop_job_running(_sweep: Sweep, _context: GraphQLContext) -> bool:
    """Runs are judged while their agent's heartbeat is answered, never in between."""
    return False
