"""Runs in queues: pushed by users, taken and settled by launch agents."""

import json
from typing import Any

from mockwb.backend.errors import NotFoundError
from mockwb.backend.json_text import parse_object, to_json
from mockwb.backend.run_queue import Complaint, RunQueue, RunQueueItem
from mockwb.wire.graphql.connections import page
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.registry import field
from mockwb.wire.graphql.resolvers.run_queue import check_access, path_named, queue_of


@field("Mutation", "pushToRunQueue")
async def push_to_run_queue(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Put a run into a queue known by its id."""
    return await _push(context, await queue_of(context, values["queue_id"]), values)


@field("Mutation", "pushToRunQueueByName")
async def push_to_run_queue_by_name(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Put a run into a queue."""
    return await _push(context, await _queue_named(context, values), values)


@field("Mutation", "popFromRunQueue")
async def pop_from_run_queue(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any] | None:
    """Lease the next item to an agent; null if nothing waits."""
    queue = await _queue_named(context, values)
    agent_id = values.get("launch_agent_id")
    if agent_id is not None:
        agents = context.world.launch_agents
        await agents.report(await agents.get(agent_id))
    item = await context.world.run_queue_items.pop(queue, agent_id)
    return None if item is None else {"run_queue_item_id": item.id, "run_spec": item.run_spec}


@field("Mutation", "ackRunQueueItem")
async def ack_run_queue_item(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An agent starts a run; no success if its lease was over."""
    item = await _item(context, values["run_queue_item_id"])
    claimed = await context.world.run_queue_items.acknowledge(item, values["run_name"])
    return {"success": claimed}


@field("Mutation", "failRunQueueItem")
async def fail_run_queue_item(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An agent could not start a run."""
    item = await _item(context, values["run_queue_item_id"])
    await context.world.run_queue_items.fail(item, _complaint(values))
    return {"success": True}


@field("Mutation", "updateRunQueueItemWarning")
async def update_run_queue_item_warning(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """An agent has trouble with a run."""
    item = await _item(context, values["run_queue_item_id"])
    await context.world.run_queue_items.warn(item, _complaint(values))
    return {"success": True}


@field("Mutation", "deleteFromRunQueue")
async def delete_from_run_queue(
    _root: None, context: GraphQLContext, values: dict[str, Any]
) -> dict[str, Any]:
    """Take an item out of its queue."""
    queue = await queue_of(context, values["queue_id"])
    item = await _item(context, values["run_queue_item_id"])
    if item.queue != queue.number:
        raise NotFoundError(f"run queue item {item.id} not found in queue {queue.name}")
    await context.world.run_queue_items.delete(item)
    return {"success": True}


@field("RunQueue", "runQueueItems")
async def run_queue_items(
    queue: RunQueue,
    context: GraphQLContext,
    first: int | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """Everything that was pushed, oldest first."""
    items = await context.world.run_queue_items.of_queue(queue)
    return page(items, lambda item: item.number, first=first, after=after)


@field("RunQueue", "runQueueItem")
async def run_queue_item(
    queue: RunQueue,
    context: GraphQLContext,
    id: str,  # noqa: A002
) -> RunQueueItem | None:
    """One item of the queue, or null."""
    item = await context.world.run_queue_items.find(id)
    return item if item is not None and item.queue == queue.number else None


@field("RunQueueItem", "associatedRunId")
def associated_run_id(item: RunQueueItem, _context: GraphQLContext) -> str | None:
    """Short id of its run."""
    return item.run


@field("RunQueueItem", "launchAgentId")
def launch_agent_id(item: RunQueueItem, _context: GraphQLContext) -> str | None:
    """The agent that took it last."""
    return item.agent


@field("RunQueueItem", "runSpec")
def run_spec(item: RunQueueItem, _context: GraphQLContext) -> str:
    """As JSON text."""
    return json.dumps(item.run_spec)


async def _push(context: GraphQLContext, queue: RunQueue, values: dict[str, Any]) -> dict[str, Any]:
    text = values.get("template_variable_values")
    item = await context.world.run_queue_items.push(
        queue,
        context.user,
        parse_object(values["run_spec"], "run spec"),
        priority=values.get("priority"),
        values={} if text is None else parse_object(text, "template variable values"),
    )
    return {"run_queue_item_id": item.id, "run_spec": to_json(item.run_spec)}


async def _queue_named(context: GraphQLContext, values: dict[str, Any]) -> RunQueue:
    path = path_named(context, values)
    queue = await context.world.run_queues.find(path)
    if queue is None:
        raise NotFoundError(f"run queue {path} not found")
    check_access(context, queue)
    return queue


async def _item(context: GraphQLContext, item_id: str) -> RunQueueItem:
    item = await context.world.run_queue_items.get(item_id)
    queue = await context.world.run_queues.by_number(item.queue)
    context.touch_project(queue.entity, queue.project)
    check_access(context, queue)
    return item


def _complaint(values: dict[str, Any]) -> Complaint:
    return Complaint(
        message=values.get("message") or "",
        stage=values.get("stage") or "",
        file_paths=values.get("file_paths"),
    )
