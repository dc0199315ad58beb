"""`run.alert`."""

from typing import Any

from mockwb.backend.run import RunKey
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

DEFAULT_WAIT = 60_000
"""Milliseconds, as SDKs use where the user names none."""


@field("Mutation", "notifyScriptableRunAlert")
async def notify(_root: None, context: GraphQLContext, values: dict[str, Any]) -> dict[str, Any]:
    """Keep the alert with its run."""
    key = RunKey(values["entity_name"], values["project_name"], values["run_name"])
    context.touch_run(key)
    run = await context.world.runs.get(key)
    wait = values.get("wait_duration")
    await context.world.alerts.notify(
        run.key,
        title=values["title"],
        text=values["text"],
        severity=values.get("severity") or "INFO",
        wait=(DEFAULT_WAIT if wait is None else wait) / 1000,
    )
    return {"success": True}
