import json
from typing import Any

import pytest

from mockwb.backend.file_stream import EVENTS, HISTORY, OUTPUT, SUMMARY, Chunk, Update
from mockwb.backend.run import RunKey
from mockwb.clock import VirtualClock
from tests.wire.graphql.conftest import GraphQLCaller
from tests.wire.graphql.operations import RESUME, RUN, RUNS, UPSERT

KEY = RunKey("ada", "vision", "r1")
WHERE = {"entity": "ada", "project": "vision", "name": "r1"}
CONFIG = json.dumps({"lr": {"value": 0.1}, "_wandb": {"value": {"t": {"1": [1]}, "m": []}}})


async def upsert(caller: GraphQLCaller, **changes: object) -> Any:
    """What a run's own stream sends at init: most variables are there, and null."""
    said: dict[str, object] = {
        "name": "r1",
        "project": "vision",
        "entity": None,
        "host": "box",
        "program": "train.py",
        "description": None,
        "debug": None,
        "state": None,
        "tags": None,
    }
    return (await caller.ask(UPSERT, **(said | changes)))["upsertBucket"]


async def stream(caller: GraphQLCaller, name: str, *lines: str, writer: str = "") -> None:
    await caller.world.file_stream.apply(KEY, Update(files={name: Chunk(list(lines))}), writer)


async def test_the_first_upsert_answers_with_everything_the_stream_builds_on(
    caller: GraphQLCaller,
) -> None:
    answer = await upsert(caller, config=CONFIG)
    bucket = answer["bucket"]
    assert answer["inserted"] is True
    assert bucket["id"] == KEY.storage_id
    assert bucket["project"]["entity"]["name"] == "ada"
    assert bucket["project"]["name"] == "vision"
    assert bucket["name"] == "r1"
    assert bucket["displayName"].endswith("-1")
    assert bucket["config"] == CONFIG
    assert bucket["historyLineCount"] == 0
    assert caller.target.operation == "UpsertBucket"
    assert (caller.target.entity, caller.target.project, caller.target.run) == KEY


async def test_old_sdks_get_the_server_settings_they_ask_for(caller: GraphQLCaller) -> None:
    answer = await caller.ask("""mutation UpsertBucket {
      upsertBucket(input: {name: "r1"}) {
        serverSettings { serverMessages { utfText plainText htmlText messageType messageLevel } }
      }
    }""")
    assert answer["upsertBucket"] == {"serverSettings": {"serverMessages": []}}


async def test_lines_already_there_are_the_offset_of_the_next_one(caller: GraphQLCaller) -> None:
    await upsert(caller)
    await stream(caller, HISTORY, '{"_step": 0}', '{"_step": 1}')
    assert (await upsert(caller))["bucket"]["historyLineCount"] == 2


async def test_each_writer_in_shared_mode_has_an_offset_of_its_own(caller: GraphQLCaller) -> None:
    await upsert(caller)
    await stream(caller, HISTORY, '{"_step": 0}', '{"_step": 1}', writer="one")
    caller.writer = "two"
    assert (await upsert(caller))["bucket"]["historyLineCount"] == 0
    caller.writer = "one"
    assert (await upsert(caller))["bucket"]["historyLineCount"] == 2


async def test_a_run_reads_back_as_it_was_told(caller: GraphQLCaller, clock: VirtualClock) -> None:
    tags, notes = ["a", "b"], "why"
    await upsert(
        caller,
        config=CONFIG,
        tags=tags,
        notes=notes,
        groupName="g",
        jobType="train",
        commit="c0",
        repo="git@x",
        displayName="mine",
        sweep="abc12345",
    )
    await clock.advance(60)
    await stream(caller, HISTORY, '{"_step": 0, "loss": 1.5}')
    await stream(caller, SUMMARY, '{"_step": 0, "loss": 1.5}')
    await stream(caller, EVENTS, '{"_timestamp": 1, "system.cpu": 3}')
    run = (await caller.ask(RUN, **WHERE))["project"]["run"]
    expected = {
        "id": KEY.storage_id,
        "name": "r1",
        "displayName": "mine",
        "tags": tags,
        "notes": notes,
        "group": "g",
        "jobType": "train",
        "commit": "c0",
        "sweepName": "abc12345",
        "config": CONFIG,
        "state": "running",
        "readOnly": False,
        "createdAt": "2026-01-01T00:00:00Z",
        "heartbeatAt": "2026-01-01T00:01:00Z",
        "computeSeconds": 60,
        "summaryMetrics": '{"_step": 0, "loss": 1.5}',
        "systemMetrics": '{"_timestamp": 1, "system.cpu": 3}',
        "historyLineCount": 1,
        "user": {"name": "ada", "username": "ada"},
        "runInfo": {
            "program": "train.py",
            "args": None,
            "git": {"remote": "git@x", "commit": "c0"},
        },
        "exitcode": None,
        "stopped": False,
    }
    assert {name: run[name] for name in expected} == expected
    assert run["historyKeys"]["lastStep"] == 0
    assert int(run["projectId"]) > 0


async def test_a_run_that_is_not_there_is_null(caller: GraphQLCaller) -> None:
    await upsert(caller)
    assert await caller.ask(RUN, **{**WHERE, "name": "no"}) == {"project": {"run": None}}
    assert await caller.ask(RUN, **{**WHERE, "project": "no"}) == {"project": None}


async def test_resuming_learns_where_to_go_on(caller: GraphQLCaller) -> None:
    await upsert(caller, config=CONFIG, tags=["a"], notes="n")
    await stream(caller, HISTORY, '{"_step": 0}', '{"_step": 9, "loss": NaN}')
    await stream(caller, EVENTS, '{"_runtime": 15.6}')
    await stream(caller, OUTPUT, "one", "two", "three")
    await stream(caller, SUMMARY, '{"_step": 9}')
    bucket = (await caller.ask(RESUME, **WHERE))["model"]["bucket"]
    assert bucket["id"] == KEY.storage_id
    counts = ("historyLineCount", "eventsLineCount", "logLineCount")
    assert [bucket[name] for name in counts] == [2, 1, 3]
    assert json.loads(json.loads(bucket["historyTail"])[-1]) == {"_step": 9, "loss": "NaN"}
    assert json.loads(json.loads(bucket["eventsTail"])[-1]) == {"_runtime": 15.6}
    assert json.loads(bucket["wandbConfig"]) == {"t": {"1": [1]}}
    assert json.loads(bucket["summaryMetrics"]) == {"_step": 9}
    assert (bucket["tags"], bucket["notes"], bucket["config"]) == (["a"], "n", CONFIG)


async def test_a_run_that_started_and_said_nothing_can_be_taken_up(caller: GraphQLCaller) -> None:
    await upsert(caller, config=CONFIG)
    bucket = (await caller.ask(RESUME, **WHERE))["model"]["bucket"]
    assert json.loads(bucket["wandbConfig"]) == {"t": {"1": [1]}}
    assert bucket["summaryMetrics"] == "{}"  # wandb-core gives up on null


async def test_resuming_a_run_that_said_nothing_finds_no_sign_of_a_start(
    caller: GraphQLCaller,
) -> None:
    await upsert(caller)
    bucket = (await caller.ask(RESUME, **WHERE))["model"]["bucket"]
    counts = ("historyLineCount", "eventsLineCount", "logLineCount")
    assert [bucket[name] for name in counts] == [0, 0, 0]
    assert (bucket["historyTail"], bucket["eventsTail"]) == ("[]", "[]")
    assert bucket["wandbConfig"] == "{}"


async def test_a_missing_run_is_an_error_unless_it_may_be_missing(caller: GraphQLCaller) -> None:
    assert await caller.ask(RESUME, **WHERE) == {"model": None}
    await upsert(caller)
    assert (await caller.ask(RESUME, **{**WHERE, "name": "no"}))["model"]["bucket"] is None
    old = 'query Q { model(name: "vision") { bucket(name: "no") { id } } }'
    assert await caller.refused(old) == (404, "run ada/vision/no not found")


async def test_runs_are_listed_in_pages_with_the_count_of_all_that_match(
    caller: GraphQLCaller,
) -> None:
    for name in ("a", "b", "c"):
        config = json.dumps({"lr": {"value": ord(name)}})
        await upsert(caller, name=name, config=config)
    asked: dict[str, Any] = {
        "entity": "ada",
        "project": "vision",
        "perPage": 1,
        "order": "+created_at",
        "filters": '{"config.lr": {"$lt": 99}}',
    }
    found: list[str] = []
    for _ in range(2):
        project = (await caller.ask(RUNS, **asked))["project"]
        assert project["runCount"] == 2
        (edge,) = project["runs"]["edges"]
        found.append(edge["node"]["name"])
        asked["cursor"] = edge["cursor"]
    assert found == ["a", "b"]
    assert project["runs"]["pageInfo"] == {"endCursor": edge["cursor"], "hasNextPage": False}


async def test_a_filter_that_is_none_is_refused(caller: GraphQLCaller) -> None:
    await upsert(caller)
    status, message = await caller.refused(
        RUNS, entity="ada", project="vision", filters='{"a": {"$all": []}}'
    )
    assert (status, message) == (400, "filters: unknown operator $all for a")


async def test_stopping_sets_the_flag_that_runs_poll(caller: GraphQLCaller) -> None:
    await upsert(caller)
    stop = "mutation StopRun ($id: ID!) { stopRun(input: {id:$id}) { success } }"
    stopped = """query RunStoppedStatus($projectName: String, $entityName: String,
        $runId: String!) {
      project(name: $projectName, entityName: $entityName) { run(name: $runId) { stopped } }
    }"""
    assert await caller.ask(stop, id=KEY.storage_id) == {"stopRun": {"success": True}}
    assert caller.target.run == "r1"
    data = await caller.ask(stopped, projectName="vision", entityName="ada", runId="r1")
    assert data["project"]["run"]["stopped"] is True
    await caller.world.file_stream.apply(KEY, Update(complete=True, exitcode=1))
    assert await caller.ask(stop, id=KEY.storage_id) == {"stopRun": {"success": False}}
    run = (await caller.ask(RUN, **WHERE))["project"]["run"]
    assert (run["state"], run["exitcode"], run["running"]) == ("killed", 1, False)
    assert (await caller.refused(stop, id="bm8="))[0] == 404


async def test_states_change_only_where_wandb_lets_them(caller: GraphQLCaller) -> None:
    await upsert(caller)
    query = """mutation UpdateRunState($input: UpdateRunStateInput!) {
      updateRunState(input: $input) { success }
    }"""
    values = {"id": KEY.storage_id, "state": "failed"}
    assert (await caller.ask(query, input=values))["updateRunState"]["success"] is True
    assert await caller.refused(query, input=values) == (
        400,
        "invalid state transition from failed to failed",
    )
    run = (await caller.ask(RUN, **WHERE))["project"]["run"]
    assert (run["state"], run["failed"]) == ("failed", True)


async def test_a_pending_run_has_no_heartbeat(caller: GraphQLCaller) -> None:
    await upsert(caller, state="pending")
    assert (await caller.ask(RUN, **WHERE))["project"]["run"]["heartbeatAt"] is None


async def test_a_deleted_run_is_gone(caller: GraphQLCaller) -> None:
    await upsert(caller)
    query = "mutation DeleteRun($id: ID!,) { deleteRun(input: {id: $id,}) { clientMutationId } }"
    data = await caller.ask(query, id=KEY.storage_id, deleteArtifacts=False)
    assert data == {"deleteRun": {"clientMutationId": None}}
    assert await caller.ask(RUN, **WHERE) == {"project": {"run": None}}
    assert (await caller.refused(query, id=KEY.storage_id))[0] == 404


async def test_summaries_are_set_and_read_by_key(caller: GraphQLCaller) -> None:
    await upsert(caller)
    set_summary = """mutation UpsertBucket( $id: String, $summaryMetrics: JSONString) {
      upsertBucket(input: {id: $id, summaryMetrics: $summaryMetrics}) { bucket { id } }
    }"""
    await caller.ask(set_summary, id=KEY.storage_id, summaryMetrics='{"a": 1, "b": 2}')
    read = """query Q { project(name: "vision") { run(name: "r1") {
      all: summaryMetrics
      some: summaryMetrics(keys: ["b", "c"])
    } } }"""
    run = (await caller.ask(read))["project"]["run"]
    assert run == {"all": '{"a": 1, "b": 2}', "some": '{"b":2}'}


@pytest.mark.parametrize(("metric", "status"), [("_step", 200), ("loss", 400)])
async def test_a_run_is_rewound_by_step(caller: GraphQLCaller, metric: str, status: int) -> None:
    await upsert(caller)
    await stream(caller, HISTORY, *[json.dumps({"_step": i}) for i in range(5)])
    query = """mutation RewindRun ($runName: String!, $entity: String, $project: String,
        $metricName: String!, $metricValue: Float!) {
      rewindRun(input: {runName:$runName,entityName:$entity,projectName:$project,
          metricName:$metricName,metricValue:$metricValue}) {
        rewoundRun { id name historyLineCount project { name entity { name } } }
      }
    }"""
    variables = {"runName": "r1", "project": "vision", "metricName": metric, "metricValue": 2}
    if status == 400:
        assert await caller.refused(query, **variables) == (
            400,
            "runs can be rewound by _step only, not by loss",
        )
        return
    rewound = (await caller.ask(query, **variables))["rewindRun"]["rewoundRun"]
    assert rewound["historyLineCount"] == 3
    assert await caller.ask(query, **{**variables, "runName": "no"}) == {
        "rewindRun": {"rewoundRun": None}
    }


async def test_alerts_are_kept_with_their_run(caller: GraphQLCaller) -> None:
    await upsert(caller)
    query = """mutation NotifyScriptableRunAlert ($entityName: String!, $projectName: String!,
        $runName: String!, $title: String!, $text: String!, $severity: AlertSeverity = INFO,
        $waitDuration: Duration) {
      notifyScriptableRunAlert(input: {entityName:$entityName,projectName:$projectName,
          runName:$runName,title:$title,text:$text,severity:$severity,
          waitDuration:$waitDuration}) { success }
    }"""
    where = {"entityName": "ada", "projectName": "vision", "runName": "r1"}
    said = {"title": "t", "text": "x", "severity": "WARN", "waitDuration": 5000}
    assert (await caller.ask(query, **where, **said))["notifyScriptableRunAlert"]["success"]
    (alert,) = await caller.world.alerts.of_run(KEY)
    assert (alert.title, alert.severity, alert.delivered) == ("t", "WARN", True)
    assert (await caller.refused(query, **{**where, "runName": "no"}, **said))[0] == 404
