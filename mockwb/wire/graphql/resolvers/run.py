"""What a run says of itself. Fields not here are attributes of the backend's `Run`."""

from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.node_ids import node_id
from mockwb.backend.projects import Project
from mockwb.backend.run import Run, RunState
from mockwb.backend.sweep import SweepKey
from mockwb.backend.users import User
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Run", "id")
def storage_id(run: Run, _context: GraphQLContext) -> str:
    """The id that the sweep scheduler builds by itself (wandb/sdk/launch/sweeps/scheduler.py)."""
    return run.key.storage_id


@field("Run", "sweepName")
def sweep_name(run: Run, _context: GraphQLContext) -> str | None:
    """Short id of the sweep."""
    return run.sweep


@field("Run", "state")
async def state(run: Run, context: GraphQLContext) -> str:
    """As W&B would show it now."""
    return await context.world.runs.state(run.key)


@field("Run", "running")
async def running(run: Run, context: GraphQLContext) -> bool:
    """Whether it is under way."""
    return await context.world.runs.state(run.key) is RunState.RUNNING


@field("Run", "failed")
async def failed(run: Run, context: GraphQLContext) -> bool:
    """Whether it ended badly."""
    return await context.world.runs.state(run.key) in (RunState.FAILED, RunState.CRASHED)


@field("Run", "exitcode")
async def exit_code(run: Run, context: GraphQLContext) -> int | None:
    """What the process ended with; null before."""
    return (await context.world.runs.progress_of(run.key)).exit_code


@field("Run", "stopped")
async def stopped(run: Run, context: GraphQLContext) -> bool:
    """Whether somebody asked it to stop."""
    return context.stopped or (await context.world.runs.progress_of(run.key)).stop_requested


@field("Run", "shouldStop")
async def should_stop(run: Run, context: GraphQLContext) -> bool:
    """Whether its sweep terminates it early."""
    if run.sweep is None:
        return False
    key = SweepKey(run.entity, run.project, run.sweep)
    found = await context.world.sweeps.runs.find(key, run.name)
    return found is not None and found.stopped_early


@field("Run", "readOnly")
async def read_only(run: Run, context: GraphQLContext) -> bool:
    """Whether the caller may not write to its project."""
    return not await context.world.permissions.may_write(context.user, run.entity, run.project)


@field("Run", "heartbeatAt")
async def heartbeat_at(run: Run, context: GraphQLContext) -> float | None:
    """When its client was last heard of; null while it waits to be started."""
    progress = await context.world.runs.progress_of(run.key)
    return None if progress.state is RunState.PENDING else progress.heartbeat_at


@field("Run", "computeSeconds")
async def compute_seconds(run: Run, context: GraphQLContext) -> float:
    """From the start to the last heartbeat."""
    progress = await context.world.runs.progress_of(run.key)
    return max(0.0, progress.heartbeat_at - run.created_at)


@field("Run", "user")
async def user(run: Run, context: GraphQLContext) -> User:
    """Owner of the API key that made it."""
    return await context.world.users.get(run.user)


@field("Run", "github")
def github(_run: Run, _context: GraphQLContext) -> None:
    """Commits are not looked up anywhere."""


@field("Run", "runInfo")
async def run_info(run: Run, context: GraphQLContext) -> dict[str, Any]:
    """How and where it was started, as far as it said."""
    return await context.world.run_infos.of_run(run)


@field("Run", "wandbConfig")
def wandb_config(run: Run, _context: GraphQLContext, keys: list[str] | None = None) -> str:
    """`_wandb` of the config; the key `t` in it tells SDKs that a run was really started."""
    entry = parse_object(run.config, "config").get("_wandb") if run.config else None
    value = entry.get("value") if isinstance(entry, dict) else None
    known = value if isinstance(value, dict) else {}
    return to_json({k: v for k, v in known.items() if keys is None or k in keys})


@field("Run", "summaryMetrics")
async def summary_metrics(run: Run, context: GraphQLContext, keys: list[str] | None = None) -> str:
    """The summary as JSON text: an object even before anything was said, or SDKs do not resume."""
    if keys is None:
        return await context.world.summaries.text(run.key) or "{}"
    values = await context.world.summaries.values(run.key)
    return to_json({key: values[key] for key in keys if key in values})


@field("Run", "systemMetrics")
async def system_metrics(run: Run, context: GraphQLContext) -> str | None:
    """The newest system metrics."""
    return await context.world.history.latest_event(run.key)


@field("Run", "project")
async def project(run: Run, context: GraphQLContext) -> Project:
    """Where it lives."""
    found = await context.world.projects.find(run.entity, run.project)
    if found is None:
        raise NotFoundError(f"project {run.entity}/{run.project} not found")
    return found


@field("Run", "internalId")
def internal_id(run: Run, _context: GraphQLContext) -> str:
    """Opaque; old releases ask for it and keep it to themselves."""
    return node_id("RunInternalId", run.entity, run.project, run.number)


@field("Run", "projectId")
async def project_id(run: Run, context: GraphQLContext) -> int:
    """The number of its project."""
    return (await project(run, context)).number
