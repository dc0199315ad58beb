"""UpsertBucket and RewindRun: how a run's own stream starts, and everybody changes runs."""

from typing import Any

from mockwb.backend.projects import UNCATEGORIZED
from mockwb.backend.rewind import check_metric
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.record import Upserted
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field

_FIELDS = {
    "id": "id",
    "name": "name",
    "model_name": "project",
    "entity_name": "entity",
    "group_name": "group",
    "description": "description",
    "display_name": "display_name",
    "notes": "notes",
    "job_type": "job_type",
    "sweep": "sweep",
    "config": "config",
    "summary_metrics": "summary",
    "commit": "commit",
    "job_repo": "repo",
    "host": "host",
    "job_program": "program",
    "state": "state",
}


@field("Mutation", "upsertBucket")
async def upsert_bucket(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make or change a run; what is null stays as it is."""
    fields = run_fields(values, context.writer)
    run, inserted = await context.world.run_upsert.apply(context.user, fields)
    context.touch_run(run.key)
    if context.record.upserted is None:
        runs = await context.world.runs.count(run.entity, run.project)
        config = None if fields.config is None else len(fields.config.encode())
        context.record.upserted = Upserted(runs, config)
    return {"bucket": run, "inserted": inserted, "server_settings": {"server_messages": []}}


def run_fields(values: dict[str, Any], writer: str = "") -> RunFields:
    """What an UpsertBucketInput of a writer (see `RunFields`) says about a run."""
    said = {ours: values.get(theirs) for theirs, ours in _FIELDS.items()}
    tags = values.get("tags")
    return RunFields(**said, tags=None if tags is None else tuple(tags), writer=writer)


@field("Mutation", "rewindRun")
async def rewind_run(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Cut a run's history back to a step; null for a run that does not exist."""
    check_metric(values["metric_name"])
    key = RunKey(
        values.get("entity_name") or context.entity,
        values.get("project_name") or UNCATEGORIZED,
        values["run_name"],
    )
    context.touch_run(key)
    return {"rewound_run": await context.world.rewind.apply(key, values["metric_value"])}
