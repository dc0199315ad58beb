"""Sweeps as documents ask for them."""

import json
from typing import Any

from mockwb.wire.graphql.places import Place, place_of
from tests.wire.graphql.conftest import GraphQLCaller

UPSERT = """
mutation UpsertSweep($id: ID, $config: String, $entityName: String, $projectName: String,
    $state: String) {
  upsertSweep(input: {id: $id, config: $config, entityName: $entityName,
      projectName: $projectName, state: $state}) {
    sweep { id name state project { id name entity { id name } } }
    configValidationWarnings
  }
}
"""
WITH_RUNS = """
query SweepWithRuns($entity: String, $project: String, $sweep: String!, $specs: [JSONString!]!) {
  project(name: $project, entityName: $entity) {
    sweep(sweepName: $sweep) {
      id method state heartbeatAt updatedAt earlyStopJobRunning bestLoss controller scheduler
      controllerRunName runCount runCountExpected runTime user { username }
      runs { edges { node { name state shouldStop sampledHistory(specs: $specs) } } }
      priorRuns { edges { node { name } } }
    }
  }
}
"""
AGENT = """
mutation CreateAgent($host: String!, $sweep: String!, $projectName: String) {
  createAgent(input: {host: $host, sweep: $sweep, projectName: $projectName}) { agent { id } }
}
"""
HEARTBEAT = """
mutation Heartbeat($id: ID!, $metrics: JSONString, $runState: JSONString) {
  agentHeartbeat(input: {id: $id, metrics: $metrics, runState: $runState}) {
    agent { id }
    commands
  }
}
"""
GRID = "{method: grid, parameters: {x: {values: [1, 2]}}}"


async def made(caller: GraphQLCaller) -> dict[str, Any]:
    answer = await caller.ask(UPSERT, config=GRID, projectName="vision")
    return dict(answer["upsertSweep"]["sweep"])


async def test_given_no_names_then_a_sweep_goes_where_runs_would(caller: GraphQLCaller) -> None:
    answer = await caller.ask(UPSERT, config=GRID)
    sweep = answer["upsertSweep"]["sweep"]
    assert (sweep["project"]["name"], sweep["project"]["entity"]["name"]) == (
        "uncategorized",
        "ada",
    )
    assert (sweep["state"], answer["upsertSweep"]["configValidationWarnings"]) == ("PENDING", [])
    assert (caller.target.entity, caller.target.project) == ("ada", "uncategorized")


async def test_given_a_bare_text_for_a_list_then_the_whole_sweep_is_read(
    caller: GraphQLCaller,
) -> None:
    sweep = await made(caller)
    agent = await caller.ask(AGENT, host="box", sweep=sweep["name"], projectName="vision")
    agent_id = agent["createAgent"]["agent"]["id"]
    heard = await caller.ask(HEARTBEAT, id=agent_id, metrics="{}", runState="{}")
    (command,) = json.loads(heard["agentHeartbeat"]["commands"])
    found = await caller.ask(WITH_RUNS, project="vision", sweep=sweep["name"], specs="{}")
    read = found["project"]["sweep"]
    (run,) = [edge["node"] for edge in read["runs"]["edges"]]
    assert run == {
        "name": command["run_id"],
        "state": "pending",
        "shouldStop": False,
        "sampledHistory": [[]],
    }
    assert (read["state"], read["runCount"], read["runCountExpected"]) == ("RUNNING", 1, 2)
    assert read["controllerRunName"] == sweep["name"]
    idle = await caller.ask(HEARTBEAT, id=agent_id, runState=f'{{"{command["run_id"]}": true}}')
    assert idle["agentHeartbeat"]["commands"] == "[]"


async def test_given_ids_then_the_project_is_known_before_they_are_used(
    caller: GraphQLCaller,
) -> None:
    sweep = await made(caller)
    agent = await caller.ask(AGENT, host="box", sweep=sweep["name"], projectName="vision")
    for node in (sweep["id"], agent["createAgent"]["agent"]["id"]):
        assert await place_of(caller.world, node) == Place("ada", "vision")


async def test_given_a_short_id_with_its_project_then_it_serves_as_an_id(
    caller: GraphQLCaller,
) -> None:
    sweep = await made(caller)
    answer = await caller.ask(UPSERT, id=sweep["name"], projectName="vision", state="finished")
    assert answer["upsertSweep"]["sweep"]["state"] == "FINISHED"


async def test_given_what_is_not_there_then_readers_get_null_and_writers_404(
    caller: GraphQLCaller,
) -> None:
    await made(caller)
    found = await caller.ask(WITH_RUNS, project="vision", sweep="nope", specs="{}")
    assert found == {"project": {"sweep": None}}
    for document, variables in (
        (UPSERT, {"id": "nope", "state": "PAUSED"}),
        (AGENT, {"host": "box", "sweep": "nope", "projectName": "vision"}),
        (HEARTBEAT, {"id": "nope"}),
    ):
        status, message = await caller.refused(document, **variables)
        assert (status, "could not find" in message) == (404, True)


async def test_given_a_state_that_cannot_follow_then_it_is_refused(caller: GraphQLCaller) -> None:
    sweep = await made(caller)
    for state in ("CANCELED", "FINISHED"):
        body = {"query": UPSERT, "variables": {"id": sweep["id"], "state": state}}
        status, got = await caller.send(json.dumps(body).encode())
    assert status == 400
    assert got["errors"][0]["message"] == "invalid state transition from CANCELED to FINISHED"
