"""Mutations of sweeps: made, changed, deleted, and given a run."""

from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.json_text import parse_object
from mockwb.backend.sweep import SweepKey
from mockwb.backend.sweep_upsert import SweepFields
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "upsertSweep")
async def upsert_sweep(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make or change a sweep; what is null stays as it is."""
    fields = SweepFields(
        id=values.get("id"),
        entity=values.get("entity_name") or context.entity,
        project=values.get("project_name"),
        config=values.get("config"),
        display_name=values.get("display_name"),
        description=values.get("description"),
        state=values.get("state"),
        controller=values.get("controller"),
        scheduler=values.get("scheduler"),
        launch_scheduler=values.get("launch_scheduler"),
        prior_runs=values.get("prior_runs_filters"),
    )
    sweep, warnings = await context.world.sweeps.upsert.apply(context.user, fields)
    context.touch_project(sweep.entity, sweep.project)
    return {"sweep": sweep, "config_validation_warnings": warnings}


@field("Mutation", "deleteSweep")
async def delete_sweep(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Drop a sweep, and its runs only if that is wanted."""
    key = _key(context, values["id"])
    runs = await context.world.sweeps.runs.of_sweep(key)
    await context.world.sweeps.upsert.delete(key)
    for run in runs if values.get("delete_runs") else ():
        await context.world.run_removal.remove(run.key)
    return {"success": True}


@field("Mutation", "enqueueSweepRun")
async def enqueue_sweep_run(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Add a run; agents get it by their heartbeats, so it has no queue item."""
    key = _key(context, values["id"])
    config = parse_object(values["config"], "config")
    name = await context.world.sweeps.upsert.enqueue(
        context.user, key, config, values.get("display_name")
    )
    return {"id": name, "run_queue_item_id": None}


def _key(context: GraphQLContext, text: str) -> SweepKey:
    key = SweepKey.from_storage_id(text)
    if key is None:
        raise NotFoundError(f"could not find sweep {text}")
    context.touch_project(key.entity, key.project)
    return key
