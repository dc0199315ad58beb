"""Run queues of launch and their default resource configurations."""

import json
from typing import Any

from mockwb.backend.entities import Entity
from mockwb.backend.errors import ForbiddenError
from mockwb.backend.projects import Project
from mockwb.backend.run_queue import QueueAccess, ResourceConfig, RunQueue
from mockwb.backend.run_queue_configs import ConfigText
from mockwb.backend.run_queues import QueuePath
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field


@field("Mutation", "createDefaultResourceConfig")
async def create_default_resource_config(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Keep a configuration for a queue that is to come."""
    told = ConfigText(values["resource"], values["config"], values.get("template_variables"))
    config = await context.world.resource_configs.create(values["entity_name"], told)
    return {"default_resource_config_id": config.id, "success": True}


@field("Mutation", "createRunQueue")
async def create_run_queue(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a queue."""
    queue = await context.world.run_queues.create(
        path_named(context, values),
        context.user,
        values["access"],
        values.get("prioritization_mode"),
        values.get("default_resource_config_id"),
    )
    return {"success": True, "queue_id": queue.id}


@field("Mutation", "upsertRunQueue")
async def upsert_run_queue(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Make a queue or change it."""
    path = path_named(context, values)
    found = await context.world.run_queues.find(path)
    if found is not None:
        check_access(context, found)
    variables = values.get("template_variables")
    _queue, errors = await context.world.run_queues.upsert(
        path,
        context.user,
        ConfigText(values["resource_type"], values["resource_config"], variables),
        values.get("prioritization_mode"),
        values.get("external_links"),
    )
    return {"success": True, "config_schema_validation_errors": errors}


@field("Mutation", "deleteRunQueues")
async def delete_run_queues(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Delete queues with what is in them: all, or none if one is not there."""
    queues = [await queue_of(context, queue_id) for queue_id in values["queue_ids"]]
    for queue in queues:
        await context.world.run_queue_removal.remove(queue)
    return {"success": True}


@field("Project", "runQueues")
async def run_queues(project: Project, context: GraphQLContext) -> list[RunQueue]:
    """Those that the caller may use, oldest first."""
    found = await context.world.run_queues.of_project(project.entity, project.name)
    return [queue for queue in found if _may_use(context, queue)]


@field("Project", "runQueue")
async def run_queue(project: Project, context: GraphQLContext, name: str) -> RunQueue | None:
    """One by name; null if there is none that the caller may use."""
    queue = await context.world.run_queues.find(QueuePath(project.entity, project.name, name))
    return queue if queue is not None and _may_use(context, queue) else None


@field("RunQueue", "prioritizationMode")
def prioritization_mode(queue: RunQueue, _context: GraphQLContext) -> str:
    """DISABLED or V0."""
    return queue.prioritization


@field("RunQueue", "defaultResourceConfigID")
def default_resource_config_id(queue: RunQueue, _context: GraphQLContext) -> str | None:
    """Null for a queue without one."""
    return queue.config


@field("RunQueue", "createdBy")
async def created_by(queue: RunQueue, context: GraphQLContext) -> int:
    """Number of the user who made it."""
    return (await context.world.users.get(queue.user)).number


@field("Entity", "defaultResourceConfig")
async def default_resource_config(
    entity: Entity,
    context: GraphQLContext,
    id: str,  # noqa: A002
) -> ResourceConfig | None:
    """One of the entity's own, or null."""
    config = await context.world.resource_configs.find(id)
    return config if config is not None and config.entity == entity.name else None


@field("DefaultResourceConfig", "templateVariables")
def template_variables(config: ResourceConfig, _context: GraphQLContext) -> list[dict[str, str]]:
    """With their schemas as JSON text."""
    return [
        {"name": name, "schema": json.dumps(schema)} for name, schema in config.variables.items()
    ]


def path_named(context: GraphQLContext, values: dict[str, Any]) -> QueuePath:
    """The queue that an input names."""
    path = QueuePath(values["entity_name"], values["project_name"], values["queue_name"])
    context.touch_project(path.entity, path.project)
    return path


async def queue_of(context: GraphQLContext, queue_id: str) -> RunQueue:
    """The queue with that id; ForbiddenError if it is another user's own."""
    queue = await context.world.run_queues.get(queue_id)
    context.touch_project(queue.entity, queue.project)
    check_access(context, queue)
    return queue


def check_access(context: GraphQLContext, queue: RunQueue) -> None:
    """ForbiddenError if the queue is another user's own."""
    if not _may_use(context, queue):
        raise ForbiddenError("permission denied")


def _may_use(context: GraphQLContext, queue: RunQueue) -> bool:
    """Whether a queue is open to the caller; that of its project is checked before."""
    if queue.access is QueueAccess.PROJECT or queue.user == context.user:
        return True
    return not context.world.permissions.in_force
