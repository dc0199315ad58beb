"""Mutations that change the state of a run from outside it."""

from typing import Any

from mockwb.backend.run import RunKey
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "stopRun")
async def stop_run(_root: None, context: GraphQLContext, values: dict[str, Any]) -> dict[str, Any]:
    """Set the stop flag, which the run finds in its next file_stream answer."""
    key = RunKey.from_storage_id(values["id"])
    context.touch_run(key)
    return {"success": await context.world.runs.request_stop(key)}
