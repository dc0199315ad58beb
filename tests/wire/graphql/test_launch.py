import json
from typing import Any

import pytest

from mockwb.backend.run_queue_items import LEASE_SECONDS
from mockwb.clock import VirtualClock
from tests.wire.graphql.conftest import GraphQLCaller

WHERE = {"entity": "team", "project": "model-registry"}
CREATE = """
mutation CreateRunQueue($entity: String!, $project: String!, $queueName: String!,
    $access: RunQueueAccessType!, $prioritizationMode: RunQueuePrioritizationMode,
    $defaultResourceConfigID: ID) {
  createRunQueue(input: {entityName: $entity, projectName: $project, queueName: $queueName,
      access: $access, prioritizationMode: $prioritizationMode,
      defaultResourceConfigID: $defaultResourceConfigID}) { success queueID }
}
"""
PUSH = """
mutation pushToRunQueue($queueID: ID!, $runSpec: JSONString!) {
  pushToRunQueue(input: {queueID: $queueID, runSpec: $runSpec}) { runQueueItemId }
}
"""
POP = """
mutation popFromRunQueue($entity: String!, $project: String!, $queueName: String!,
    $launchAgentId: ID) {
  popFromRunQueue(input: {entityName: $entity, projectName: $project, queueName: $queueName,
      launchAgentId: $launchAgentId}) { runQueueItemId runSpec }
}
"""
ACK = """
mutation ackRunQueueItem($itemId: ID!, $runId: String!)  {
  ackRunQueueItem(input: { runQueueItemId: $itemId, runName: $runId }) { success }
}
"""
DELETE = """
mutation DeleteRunQueue($ids: [ID!]!) {
  deleteRunQueues(input: {queueIDs: $ids}) { success clientMutationId }
}
"""
TAKE_OUT = """
mutation DeleteFromRunQueue($queueID: ID!, $runQueueItemId: ID!) {
  deleteFromRunQueue(input: {queueID: $queueID runQueueItemId: $runQueueItemId}) { success }
}
"""
AGENT = """
mutation createLaunchAgent($entity: String!, $project: String!, $queues: [ID!]!) {
  createLaunchAgent(input: {entityName: $entity, projectName: $project, runQueues: $queues,
      hostname: "box", agentConfig: "{}", version: "wandb@0.31.0"}) { launchAgentId }
}
"""
ITEMS = """
query GetRunQueueItem($project: String!, $entity: String!) {
  project(name: $project, entityName: $entity) {
    runQueues { id name createdBy access prioritizationMode defaultResourceConfigID }
    runQueue(name: "q") {
      runQueueItems(first: 1) {
        edges { node { id state associatedRunId launchAgentId runSpec error { message } } }
        pageInfo { hasNextPage }
      }
    }
  }
}
"""


async def create(caller: GraphQLCaller, name: str = "q", access: str = "PROJECT") -> str:
    made = (await caller.ask(CREATE, **WHERE, queueName=name, access=access))["createRunQueue"]
    assert made["success"] is True
    return str(made["queueID"])


async def push(caller: GraphQLCaller, queue: str, **spec: object) -> str:
    pushed = await caller.ask(PUSH, queueID=queue, runSpec=json.dumps(spec))
    return str(pushed["pushToRunQueue"]["runQueueItemId"])


async def pop(caller: GraphQLCaller, **how: object) -> Any:
    return (await caller.ask(POP, **WHERE, queueName="q", **how))["popFromRunQueue"]


async def test_an_item_goes_from_the_queue_to_its_run(
    caller: GraphQLCaller, clock: VirtualClock
) -> None:
    queue = await create(caller)
    item = await push(caller, queue, name="train")
    await push(caller, queue, name="second")
    agent = (await caller.ask(AGENT, **WHERE, queues=[queue]))["createLaunchAgent"]["launchAgentId"]
    await clock.advance(5)
    popped = await pop(caller, launchAgentId=agent)
    assert popped == {"runQueueItemId": item, "runSpec": {"name": "train"}}
    assert (caller.target.entity, caller.target.project) == ("team", "model-registry")
    asked = await caller.ask("query A($id: ID!) { launchAgent(id: $id) { heartbeatAt } }", id=agent)
    assert asked["launchAgent"]["heartbeatAt"] == "2026-01-01T00:00:05Z"
    assert (await caller.ask(ACK, itemId=item, runId="r1"))["ackRunQueueItem"]["success"]
    assert not (await caller.ask(ACK, itemId=item, runId="r2"))["ackRunQueueItem"]["success"]

    project = (await caller.ask(ITEMS, **WHERE))["project"]
    (edge,) = project["runQueue"]["runQueueItems"]["edges"]
    assert edge["node"] == {
        "id": item,
        "state": "CLAIMED",
        "associatedRunId": "r1",
        "launchAgentId": agent,
        "runSpec": '{"name": "train"}',
        "error": None,
    }
    assert project["runQueue"]["runQueueItems"]["pageInfo"]["hasNextPage"] is True
    (shown,) = project["runQueues"]
    assert isinstance(shown.pop("createdBy"), int)
    assert shown == {
        "id": queue,
        "name": "q",
        "access": "PROJECT",
        "prioritizationMode": "DISABLED",
        "defaultResourceConfigID": None,
    }


async def test_nothing_in_the_queue_is_null(caller: GraphQLCaller, clock: VirtualClock) -> None:
    queue = await create(caller)
    assert await pop(caller) is None
    item = await push(caller, queue)
    await pop(caller)
    assert await pop(caller) is None
    await clock.advance(LEASE_SECONDS)
    assert (await pop(caller))["runQueueItemId"] == item


async def test_queues_are_deleted_all_or_none(caller: GraphQLCaller) -> None:
    queues = [await create(caller, name) for name in ("q", "q2")]
    assert (await caller.refused(DELETE, ids=[*queues, "x"]))[0] == 404
    assert len((await caller.ask(ITEMS, **WHERE))["project"]["runQueues"]) == 2
    assert (await caller.ask(DELETE, ids=queues))["deleteRunQueues"]["success"]
    assert (await caller.ask(ITEMS, **WHERE))["project"] == {"runQueues": [], "runQueue": None}


@pytest.mark.parametrize(
    ("query", "variables", "status", "complaint"),
    [
        (PUSH, {"queueID": "x", "runSpec": "{}"}, 404, "run queue x not found"),
        (PUSH, {"runSpec": "[1]"}, 400, "run spec must be a JSON object"),
        (POP, {**WHERE, "queueName": "none"}, 404, "run queue team/model-registry/none not found"),
        (POP, {**WHERE, "queueName": "q", "launchAgentId": "x"}, 404, "launch agent x not found"),
        (ACK, {"itemId": "x", "runId": "r1"}, 404, "run queue item x not found"),
        (AGENT, {**WHERE, "queues": ["x"]}, 404, "run queue x not found"),
        (CREATE, {**WHERE, "queueName": "q", "access": "PROJECT"}, 409, "already exists"),
        (CREATE, {**WHERE, "queueName": "q", "access": "ALL"}, 400, "RunQueueAccessType"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    caller: GraphQLCaller, query: str, variables: dict[str, Any], status: int, complaint: str
) -> None:
    queue = await create(caller)
    given = {"queueID": queue, **variables}
    got, message = await caller.refused(query, **given)
    assert got == status
    assert complaint in message


async def test_an_item_is_taken_out_of_its_own_queue_only(caller: GraphQLCaller) -> None:
    queue, other = await create(caller), await create(caller, "other")
    item = await push(caller, queue)
    status, message = await caller.refused(TAKE_OUT, queueID=other, runQueueItemId=item)
    assert (status, "not found in queue other" in message) == (404, True)
    taken = await caller.ask(TAKE_OUT, queueID=queue, runQueueItemId=item)
    assert taken["deleteFromRunQueue"]["success"]
    assert await pop(caller) is None


async def test_an_agent_polls_queues_of_its_own_project_only(caller: GraphQLCaller) -> None:
    queue = await create(caller)
    status, message = await caller.refused(AGENT, entity="team", project="p", queues=[queue])
    assert (status, "not found in team/p" in message) == (404, True)
