"""Mutations that change the state of a run from outside it."""

from typing import Any

from mockwb.backend.run import RunKey
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "stopRun")
async def stop_run(_root: None, context: GraphQLContext, values: dict[str, Any]) -> dict[str, Any]:
    """Set the stop flag, which the run finds in its next file_stream answer."""
    return {"success": await context.world.runs.request_stop(_key(context, values))}


@field("Mutation", "updateRunState")
async def update_run_state(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Requeue a run or give it up."""
    await context.world.runs.change_state(_key(context, values), values["state"])
    return {"success": True}


@field("Mutation", "deleteRun")
async def delete_run(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Delete a run with its history and files."""
    await context.world.run_removal.remove(_key(context, values))
    return {"client_mutation_id": values.get("client_mutation_id")}


def _key(context: GraphQLContext, values: dict[str, Any]) -> RunKey:
    key = RunKey.from_storage_id(values["id"])
    context.touch_run(key)
    return key
