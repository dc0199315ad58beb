"""Launch: queues, what is pushed to them, and an agent that runs it, by the real SDK and CLI."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk


def make_queues(entity: str) -> Any:
    import wandb

    api = wandb.Api()
    found = {}
    for kind in ("local-container", "local-process", "kubernetes", "sagemaker", "gcp-vertex"):
        api.create_run_queue(kind, kind, entity, config={"size": 1})
        queue = api.run_queue(entity, kind)
        found[kind] = [
            queue.type,
            queue.access,
            queue.prioritization_mode,
            queue.default_resource_config,
            queue.template_variables,
            len(queue.items),
        ]
    size = {"schema": {"type": "integer", "minimum": 1, "maximum": 8, "default": 2}}
    api.create_run_queue(
        "sized",
        "kubernetes",
        entity,
        prioritization_mode="V0",
        config={"spec": {"gpus": "{{gpus}}"}},
        template_variables={"gpus": size},
    )
    sized = api.run_queue(entity, "sized")
    found["mode"] = sized.prioritization_mode
    found["variables"] = sized.template_variables
    try:
        api.create_run_queue("sized", "kubernetes", entity)
    except Exception as error:
        found["taken"] = str(error)
    try:
        api.create_run_queue(
            "odd", "kubernetes", entity, template_variables={"x": {"schema": {"type": "colour"}}}
        )
    except Exception as error:
        found["odd"] = str(error)
    sized.delete()
    try:
        api.run_queue(entity, "sized").delete()
    except Exception as error:
        found["gone"] = type(error).__name__
    return found


def test_queues_of_each_kind_are_made_and_read_back(sdk: Sdk) -> None:
    found = sdk.run(make_queues, entity="queue-makers")
    for kind in ("local-container", "local-process", "kubernetes", "sagemaker", "gcp-vertex"):
        config = {"resource_args": {kind: {"size": 1}}}
        assert found[kind] == [kind, "PROJECT", "DISABLED", config, [], 0]
    (variable,) = found["variables"]
    schema = {"type": "integer", "minimum": 1, "maximum": 8, "default": 2}
    assert (variable["name"], json.loads(variable["schema"])) == ("gpus", schema)
    assert found["mode"] == "V0"
    assert "already exists" in found["taken"]
    assert "type must be one of string, integer, number, got 'colour'" in found["odd"]
    assert "gone" in found


def upsert(entity: str) -> Any:
    import wandb

    api = wandb.Api()
    links = {"dashboard": "https://example.com/d"}
    made = api.upsert_run_queue("q", {"n": 1}, "kubernetes", entity, external_links=links)
    made._external_links = None
    first = [made.id, made.prioritization_mode, made.default_resource_config, made.external_links]
    changed = api.upsert_run_queue(
        "q", {"image": "{{tag}}"}, "sagemaker", entity, prioritization_mode="V0"
    )
    changed._external_links = None
    second = [changed.prioritization_mode, changed.default_resource_config, changed.external_links]
    return {"first": first, "second": second, "same": made.id == changed.id, "type": changed.type}


def test_an_upserted_queue_is_overwritten_and_doubts_become_warnings(sdk: Sdk) -> None:
    expected = "resource config validation: {{tag}} is no template variable"
    with sdk.start(upsert, entity="queue-changers") as process:
        found = process.result(expected=expected)
        assert expected in process.output
    links = {"links": [{"label": "dashboard", "url": "https://example.com/d"}]}
    assert found["first"][1:] == ["DISABLED", {"resource_args": {"kubernetes": {"n": 1}}}, links]
    assert found["second"] == [
        "V0",
        {"resource_args": {"sagemaker": {"image": "{{tag}}"}}},
        {"links": []},
    ]
    assert (found["same"], found["type"]) == (True, "sagemaker")


def push_and_take(entity: str) -> Any:
    from wandb.sdk.launch.api import LaunchApi

    api = LaunchApi()
    size = {"schema": {"type": "integer", "maximum": 8}}
    api.create_run_queue(
        "q",
        "kubernetes",
        entity,
        prioritization_mode="V0",
        config={"spec": {"gpus": "{{gpus}}", "name": "job-{{gpus}}"}},
        template_variables={"gpus": size},
    )
    registry = "model-registry"

    def push(name: str, priority: int | None, gpus: int = 1) -> Any:
        spec = {"entity": entity, "project": "out", "name": name, "job": "j"}
        return api.push_to_run_queue("q", spec, {"gpus": gpus}, registry, priority)

    pushed = {name: push(name, priority) for name, priority in (("low", 3), ("top", 0))}
    pushed["plain"] = push("plain", None)
    refused = [push("bad", 1, gpus=9), push("bad", 17)]
    queue = api.run_queue(entity, "q")
    agent = api.create_launch_agent(entity, registry, ["q"], {"max_jobs": 1}, "wandb@test")
    agent_id = agent["launchAgentId"]
    taken = []
    while item := api.pop_from_run_queue("q", entity, registry, agent_id):
        taken.append(item)
    states = {item.id: item.state for item in queue.items}
    acknowledged = api.ack_run_queue_item(taken[0]["runQueueItemId"], "run-1")
    try:
        api.ack_run_queue_item(taken[0]["runQueueItemId"], "run-2")
    except Exception as error:
        twice = str(error)
    warned = api.update_run_queue_item_warning(taken[1]["runQueueItemId"], "slow", "agent", None)
    failed = api.fail_run_queue_item(taken[1]["runQueueItemId"], "no image", "agent", ["a.log"])
    api.update_launch_agent_status(agent_id, "RUNNING")
    query = """query Item($entity: String!, $project: String!, $id: ID!) {
        project(name: $project, entityName: $entity) { runQueue(name: "q") {
            runQueueItem(id: $id) {
                error { message stage filePaths } warnings { message stage filePaths } } } } }"""
    variables = {"entity": entity, "project": registry, "id": taken[1]["runQueueItemId"]}
    settled = api._service_api.execute_graphql(query, variables)["project"]["runQueue"]
    again = api.queued_run(entity, "out", "q", taken[2]["runQueueItemId"], project_queue=registry)
    again.delete()
    left = api.run_queue(entity, "q").items
    return {
        "names": [item["runSpec"]["name"] for item in taken],
        "args": taken[0]["runSpec"]["resource_args"],
        "told": pushed["top"]["runSpec"]["resource_args"],
        "refused": refused,
        "states": sorted(states.values()),
        "later": [item.state for item in left],
        "done": [acknowledged, warned, failed],
        "said": settled["runQueueItem"],
        "twice": twice,
        "agent": api.get_launch_agent(agent_id),
        "queues": [q["name"] for q in api.get_project_run_queues(entity, registry)],
        "polls": queue.id,
    }


def test_items_are_taken_by_priority_and_settled_once(sdk: Sdk) -> None:
    found = sdk.run(push_and_take, entity="queue-users", expected="40[0-9]|ack|must be")
    assert found["names"] == ["top", "plain", "low"]
    assert found["args"] == {"kubernetes": {"spec": {"gpus": 1, "name": "job-1"}}}
    assert found["told"] == found["args"]
    assert found["refused"] == [None, None]
    assert found["states"] == ["leased"] * 3
    assert found["later"] == ["claimed", "failed"]
    assert found["done"] == [True, True, True]
    assert found["said"] == {
        "error": {"message": "no image", "stage": "agent", "filePaths": ["a.log"]},
        "warnings": [{"message": "slow", "stage": "agent", "filePaths": None}],
    }
    assert "already been acknowledged" in found["twice"]
    assert found["agent"]["runQueues"] == [found["polls"]]
    assert (found["agent"]["agentStatus"], found["agent"]["stopPolling"]) == ("RUNNING", False)
    assert found["queues"] == ["q"]


def push_to_default(entity: str) -> Any:
    from wandb.sdk.launch.api import LaunchApi

    api = LaunchApi()
    api.create_project("model-registry", entity)
    spec = {"entity": entity, "project": "out", "resource": "local-process"}
    pushed = api.push_to_run_queue("default", spec, None, "model-registry")
    nowhere = api.push_to_run_queue("elsewhere", spec, None, "model-registry")
    item = api.pop_from_run_queue("default", entity, "model-registry")
    return {"same": pushed["runQueueItemId"] == item["runQueueItemId"], "nowhere": nowhere}


def test_the_default_queue_comes_by_itself_and_no_other(sdk: Sdk) -> None:
    found = sdk.run(push_to_default, entity="newcomers", expected="Queue not found|40[0-9]")
    assert found == {"same": True, "nowhere": None}


def wait_for_run(entity: str) -> Any:
    import types

    import wandb
    from wandb.apis.public import jobs
    from wandb.sdk.launch.api import LaunchApi

    api = LaunchApi()
    wandb.Api().create_run_queue("q", "local-process", entity)
    spec = {"entity": entity, "project": "out"}
    item = api.push_to_run_queue("q", spec, None, "model-registry")
    queued = wandb.Api().queued_run(entity, "out", "q", item["runQueueItemId"], "model-registry")
    seen = []
    runs = []

    def pause(_seconds: float) -> None:
        seen.append(queued.state)
        if seen[-1] == "pending":
            api.pop_from_run_queue("q", entity, "model-registry")
        elif not runs:
            runs.append(wandb.init(entity=entity, project="out", id="r1"))
            api.ack_run_queue_item(item["runQueueItemId"], "r1")

    jobs.time = types.SimpleNamespace(sleep=pause)
    found = queued.wait_until_running()
    states = [found.id, found.state]
    (run,) = runs
    run.finish()
    return [seen, states, queued.state, queued.wait_until_finished().state]


def test_a_queued_run_is_waited_for_until_it_runs(sdk: Sdk) -> None:
    assert sdk.run(wait_for_run, entity="waiters") == [
        ["pending", "leased", "claimed"],
        ["r1", "running"],
        "claimed",
        "finished",
    ]


def own_a_queue(entity: str, name: str) -> Any:
    from wandb.proto.wandb_api_pb2 import (
        ApiRequest,
        CreateRunQueueRequest,
        RunQueueOperationRequest,
    )
    from wandb.sdk.launch.api import LaunchApi

    api = LaunchApi()
    registry = "model-registry"
    api.create_project(registry, entity)
    create = CreateRunQueueRequest(entity=entity, project=registry, queue_name=name, access="USER")
    operation = RunQueueOperationRequest(create_run_queue_request=create)
    answer = api._service_api.send_api_request(ApiRequest(run_queue_operation_request=operation))
    made = answer.run_queue_operation_response.create_run_queue_response
    spec = {"entity": entity, "project": "out"}
    pushed = api.push_to_run_queue(name, spec, None, registry)
    return {
        "made": made.success,
        "access": api.run_queue(entity, name).access,
        "item": pushed["runQueueItemId"],
    }


def try_a_queue(entity: str, name: str) -> Any:
    from wandb.sdk.launch.api import LaunchApi

    api = LaunchApi()
    registry = "model-registry"
    spec = {"entity": entity, "project": "out"}
    pushed = api.push_to_run_queue(name, spec, None, registry)
    try:
        taken = api.pop_from_run_queue(name, entity, registry)
    except Exception as error:
        taken = str(error)
    return {
        "queues": [queue["name"] for queue in api.get_project_run_queues(entity, registry)],
        "pushed": pushed and pushed["runQueueItemId"],
        "taken": taken and taken["runQueueItemId"] if isinstance(taken, dict) else taken,
    }


def test_a_queue_of_a_users_own_is_not_there_for_others(tmp_path: Path) -> None:
    keys = {name: name + "0" * 37 for name in ("ada", "bob")}
    people = {
        "users": [{"name": name, "key": key} for name, key in keys.items()],
        "teams": [{"name": "crew", "members": [{"user": "ada"}, {"user": "bob"}]}],
    }
    place = {"entity": "crew", "name": "own"}
    with serving(people=people) as server:
        sdk = Sdk(server.url, tmp_path)
        as_ada, as_bob = ({"WANDB_API_KEY": keys[name]} for name in ("ada", "bob"))
        made = sdk.run(own_a_queue, env=as_ada, **place)
        assert (made["made"], made["access"]) == (True, "USER")
        others = sdk.run(try_a_queue, env=as_bob, expected="40[0-9]|not found|denied", **place)
        assert others["queues"] == []
        assert others["pushed"] is None
        assert "permission denied" in others["taken"]
        own = sdk.run(try_a_queue, env=as_ada, **place)
        assert (own["queues"], own["taken"]) == (["own"], made["item"])


TRAIN = """
import wandb

with wandb.init() as run:
    for step in range(3):
        run.log({"loss": run.config["lr"] / (step + 1)})
"""


def write_job(sdk: Sdk) -> dict[str, str]:
    """Write the code of a job; the environment in which its `python` is the one with the SDK."""
    code = sdk.folder / "code"
    code.mkdir()
    (code / "train.py").write_text(TRAIN, encoding="utf-8")
    (code / "requirements.txt").write_text("wandb\n", encoding="utf-8")
    return {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}


def launch_by_cli(entity: str) -> Any:
    import json
    import pathlib
    import subprocess
    import sys
    import threading

    import wandb
    from wandb.sdk.launch.api import LaunchApi

    def cli(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "wandb", *words], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    api, launch_api = wandb.Api(), LaunchApi()
    api.create_run_queue(
        "here",
        "local-process",
        entity,
        prioritization_mode="V0",
        config={"note": "{{who}}"},
        template_variables={"who": {"schema": {"type": "string", "enum": ["ada", "bob"]}}},
    )
    entry = ["--entry-point", "python train.py", "--runtime", "3.11"]
    where = ["--project", "jobs", "--entity", entity, "--name", "train"]
    cli("job", "create", *entry, *where, "code", "code")
    config = {"overrides": {"run_config": {"lr": 0.5}}}
    pathlib.Path("launch.json").write_text(json.dumps(config))
    where = ["--queue", "here", "--entity", entity, "--project", "out", "--name", "launched"]
    job = ["--job", f"{entity}/jobs/train:latest", "--config", "launch.json"]
    said = cli("launch", *job, *where, "--priority", "high", "--set-var", "who=bob")
    assert "Added run to queue here" in said, said

    (item,) = api.run_queue(entity, "here").items
    waiting = item.state
    command = [sys.executable, "-m", "wandb", "launch-agent", "--queue", "here", "-e", entity]
    with open("agent.txt", "w") as output:
        agent = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            queued = api.queued_run(entity, "out", "here", item.id, "model-registry")
            run = queued.wait_until_finished()
            project = '(entityName: $entity, name: "model-registry")'
            found = api._service_api.execute_graphql(
                "query Agents($entity: String!) { project" + project + " { launchAgents { id } } }",
                {"entity": entity},
            )
            (agent_id,) = [a["id"] for a in found["project"]["launchAgents"]]
            # The agent has noticed that its job is over: its last word must be that it stops.
            while launch_api.get_launch_agent(agent_id)["agentStatus"] != "POLLING":
                threading.Event().wait(0.2)
            stop = "updateLaunchAgent(input: {launchAgentId: $id, stopPolling: true}) { success }"
            api._service_api.execute_graphql(
                "mutation StopAgent($id: ID!) { " + stop + " }", {"id": agent_id}
            )
            code = agent.wait(timeout=60)
        finally:
            agent.kill()
            agent.wait()
    return {
        "states": [waiting, queued.state],
        "run": [run.state, run.name, run.config["lr"], run.summary["loss"]],
        "history": len(list(run.scan_history())),
        "agent": [code, launch_api.get_launch_agent(agent_id)["agentStatus"]],
        "output": pathlib.Path("agent.txt").read_text(),
    }


def test_wandb_launch_queues_a_job_that_wandb_launch_agent_runs(sdk: Sdk) -> None:
    early = "Could not find run|job builder disabled, skipping"  # before the job's wandb.init
    found = sdk.run(launch_by_cli, entity="launchers", env=write_job(sdk), expected=early)
    assert found["states"] == ["pending", "claimed"]
    assert found["run"] == ["finished", "launched", 0.5, pytest.approx(0.5 / 3)]
    assert found["history"] == 3
    assert found["agent"] == [0, "KILLED"], found["output"]
    assert "'note': 'bob'" in found["output"]


def sweep_by_launch(entity: str) -> Any:
    import json
    import os
    import pathlib
    import shlex
    import subprocess
    import sys

    import wandb
    from wandb.sdk.launch.api import LaunchApi

    command = [sys.executable, "-m", "wandb"]

    def cli(*words: str) -> str:
        done = subprocess.run([*command, *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    wandb.Api().create_run_queue("here", "local-process", entity)
    entry = ["--entry-point", "python train.py", "--runtime", "3.11"]
    where = ["--project", "jobs", "--entity", entity, "--name", "train"]
    cli("job", "create", *entry, *where, "code", "code")
    pathlib.Path("sweep.yaml").write_text(
        f"job: {entity}/jobs/train:latest\n"
        "method: grid\n"
        "parameters: {lr: {values: [1, 2]}}\n"
        "launch: {queue: here}\n"
        "scheduler: {resource: local-process, num_workers: 2, polling_sleep: 0.5}\n"
    )
    said = cli("launch-sweep", "sweep.yaml", "--project", "out", "--entity", entity)
    sweep_id = said.split("ID: ")[1].split()[0]
    path = f"{entity}/out/{sweep_id}"
    found = {"before": wandb.Api().sweep(path).state}
    api = LaunchApi()
    item = api.pop_from_run_queue("here", entity, "model-registry")
    api.ack_run_queue_item(item["runQueueItemId"], sweep_id)
    spec = item["runSpec"]
    found["spec"] = [spec["project"], spec["run_id"] == sweep_id, spec["resource"]]
    # The arguments come quoted, and the SDK's own runner of local processes quotes them again.
    arguments = shlex.split(" ".join(spec["overrides"]["args"]))
    assert spec["overrides"]["entry_point"] == ["wandb", "scheduler", sweep_id]
    environment = dict(os.environ)
    environment.pop("WANDB_SERVICE", None)  # of this process
    environment |= {
        "WANDB_ENTITY": entity,
        "WANDB_PROJECT": "out",
        "WANDB_RUN_ID": sweep_id,
        "WANDB_LAUNCH": "true",
        "WANDB_CONFIG": json.dumps(spec["overrides"]["run_config"]),
    }
    with open("scheduler.txt", "w") as output, open("agent.txt", "w") as told:
        options = {"stderr": subprocess.STDOUT}
        words = [*command, "launch-agent", "--queue", "here", "-e", entity, "-j", "2"]
        agent = subprocess.Popen(words, stdout=told, **options)
        try:
            words = [*command, "scheduler", sweep_id, *arguments]
            scheduler = subprocess.run(
                words, env=environment, stdout=output, timeout=100, check=False, **options
            )
        finally:
            agent.terminate()
            agent.wait()
    sweep = wandb.Api().sweep(path)
    return {
        **found,
        "scheduler": scheduler.returncode,
        "after": sweep.state,
        "runs": sorted([r.config["lr"], r.state, r.summary["loss"]] for r in sweep.runs),
    }


@pytest.mark.slow
def test_a_launch_sweep_queues_its_scheduler_which_queues_its_runs(sdk: Sdk) -> None:
    found = sdk.run(sweep_by_launch, entity="sweepers", env=write_job(sdk), expected=".")
    assert found == {
        "before": "PENDING",
        "spec": ["out", True, "local-process"],
        "scheduler": 0,
        "after": "FINISHED",
        "runs": [[1, "finished", pytest.approx(1 / 3)], [2, "finished", pytest.approx(2 / 3)]],
    }
