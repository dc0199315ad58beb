"""`MockServer` starts, knows what arrived, and lets tests change limits and time."""

import json
import threading
import urllib.request
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from mockwb.faults.faults import TakenNameError
from mockwb.testing import MockServer
from mockwb.yaml_file import FileError
from tests.wandb_client import KEY, WandbClient, history

UPSERT = """mutation UpsertBucket($config: JSONString) {
  upsertBucket(input: {entityName: "team", modelName: "vision", name: "r1", displayName: "bold-1",
    config: $config, tags: ["a"], groupName: "g", jobType: "train", notes: "why"}) { inserted } }"""
UPLOAD = """mutation { createRunFiles(input: {
  entityName: "team", projectName: "vision", runName: "r1", files: ["a.txt"]
}) { files { uploadUrl } } }"""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def client_of(server: MockServer, session: aiohttp.ClientSession) -> WandbClient:
    return WandbClient(session, server.url, server.api_key)


def test_given_a_with_block_then_the_server_answers_within_it_and_is_gone_after_it() -> None:
    with MockServer() as server:
        assert server.env == {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": server.api_key}
        with urllib.request.urlopen(f"{server.url}/readyz") as response:
            assert response.status == 200
        assert server.runs == []
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{server.url}/readyz")
    with pytest.raises(RuntimeError, match="has stopped"):
        _ = server.runs
    assert "mockwb" not in {thread.name for thread in threading.enumerate()}


def test_given_a_server_that_is_not_started_or_started_twice_then_it_says_so() -> None:
    server = MockServer()
    with pytest.raises(RuntimeError, match="not started"):
        _ = server.url
    with server, pytest.raises(RuntimeError, match="started once"):
        server.start()


def test_given_a_wrong_setting_then_it_is_named() -> None:
    with pytest.raises(FileError, match="crash_afterr"):
        MockServer(runs={"crash_afterr": "5m"})
    with pytest.raises(FileError, match="no plan"):
        MockServer(plan="no-such-plan")


def test_given_a_taken_port_then_the_start_fails_with_the_reason() -> None:
    with MockServer() as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"):
            MockServer(port=port).start()


@pytest.mark.parametrize(
    "settings",
    [
        {"auth": {"keys": [{"key": KEY, "user": "ada"}]}},
        {"people": {"users": [{"name": "ada", "key": KEY}]}},
    ],
)
def test_given_configured_keys_then_the_first_is_the_servers(settings: dict[str, Any]) -> None:
    with MockServer(**settings) as server:
        assert (server.api_key, server.entity) == (KEY, "ada")


async def test_given_a_run_then_all_of_it_can_be_read(session: aiohttp.ClientSession) -> None:
    async with MockServer() as server:
        client = client_of(server, session)
        config = {"lr": {"value": 0.1}, "_wandb": {"value": {"t": 1}}}
        await client.graphql(UPSERT, config=json.dumps(config))
        _, answer = await client.graphql(UPLOAD)
        url = answer["data"]["createRunFiles"]["files"][0]["uploadUrl"]
        async with session.put(url, data=b"hello") as response:
            assert response.status == 200
        files = history(0, 2)["files"] | {
            "wandb-summary.json": {"offset": 0, "content": ['{"loss":NaN,"_wandb":{}}']},
            "output.log": {"offset": 0, "content": ["one", "two"]},
            "wandb-events.jsonl": {"offset": 0, "content": ['{"system.cpu":5,"_timestamp":1}']},
        }
        await client.stream({"files": files})
        (run,) = server.runs
        assert (run.state, run.exit_code) == ("running", None)
        await client.stream({"complete": True, "exitcode": 3})

        assert (run.path, run.id, run.name) == ("team/vision/r1", "r1", "bold-1")
        assert (run.entity, run.project, run.user) == ("team", "vision", server.entity)
        assert (run.tags, run.group, run.job_type, run.notes) == (["a"], "g", "train", "why")
        assert (run.state, run.exit_code) == ("failed", 3)
        assert run.config == {"lr": 0.1}
        assert run.history == [{"_step": 0, "loss": 0.0}, {"_step": 1, "loss": 0.1}]
        assert str(run.summary) == "{'loss': nan}"
        assert run.system_metrics == [{"system.cpu": 5, "_timestamp": 1}]
        assert run.output == ["one", "two"]
        assert dict(run.files) == {"a.txt": b"hello"}
        assert run.files.sizes == {"a.txt": 5}
        with pytest.raises(KeyError):
            run.files["b.txt"]


async def test_given_special_floats_in_history_then_they_are_floats(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer() as server:
        client = client_of(server, session)
        await client.start_run()
        line = '{"_step":0,"a":NaN,"b":Infinity,"c":-Infinity,"d":"text"}'
        content = {"offset": 0, "content": [line]}
        await client.stream({"files": {"wandb-history.jsonl": content}})
        (row,) = server.run().history
        assert str(row) == "{'_step': 0, 'a': nan, 'b': inf, 'c': -inf, 'd': 'text'}"


async def test_given_several_runs_then_one_is_found_by_id_or_path(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer() as server:
        client = client_of(server, session)
        with pytest.raises(LookupError, match="asked for a run, but there is none: no run at all"):
            server.run()
        await client.start_run("r1")
        assert server.run().path == "team/vision/r1"
        await client.start_run("r2")
        await client.start_run("r2", project="speech")
        assert server.run("r1") == server.run("team/vision/r1") == server.run(server.runs[0])
        assert server.run("team/speech/r2").project == "speech"
        with pytest.raises(LookupError, match="'r2', but there are 2: team/vision/r2, team/speech"):
            server.run("r2")
        with pytest.raises(LookupError, match="'r3', but there is none: team/vision/r1, team/vis"):
            server.run("r3")


async def test_given_requests_then_each_is_shown_with_run_status_and_bytes(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer(limits={"project": {"requests": "1/1m"}}) as server:
        client = client_of(server, session)
        await client.start_run()
        await client.stream(history(0, 3))
        await client.stream(history(3, 3))
        created, taken, refused = server.requests
        assert (created.method, created.path, created.endpoint) == ("POST", "/graphql", "graphql")
        assert (created.operation, created.user) == ("UpsertBucket", server.entity)
        assert (taken.endpoint, taken.run, taken.status, taken.rows) == (
            "file_stream",
            "r1",
            200,
            3,
        )
        assert taken.bytes_in == len(json.dumps(history(0, 3)))
        assert taken.bytes_out > 0
        assert (refused.status, refused.refused_by) == (429, "project.requests")
        assert server.undelivered == [refused]


async def test_given_limits_changed_while_serving_then_the_next_request_meets_them(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer(plan="unlimited") as server:
        client = client_of(server, session)
        await client.start_run()

        async def status() -> int:
            return (await client.stream({}))[0]

        rules = server.limits.rules
        server.limits.set(project={"requests": "2/1m"})
        assert [await status() for _ in range(3)] == [200, 200, 429]
        (usage,) = server.limits.usage("project", "team/*")
        assert (usage.key, usage.used, usage.remaining) == ("team/vision", 2, 0)
        assert server.limits.reset() == 1
        assert await status() == 200
        server.limits.freeze()
        assert await status() == 429
        server.limits.restore(rules)
        assert [await status() for _ in range(3)] == [200, 200, 200]
        server.limits.take_plan("tight")
        assert server.limits.rules != rules
        with pytest.raises(FileError, match="requestss"):
            server.limits.set(project={"requestss": "2/1m"})
        with pytest.raises(FileError, match="no plan"):
            server.limits.take_plan("no-such-plan")


async def test_given_faults_added_then_requests_meet_them_until_they_are_removed(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer() as server:
        client = client_of(server, session)
        await client.start_run()

        async def status() -> int:
            return (await client.stream({}))[0]

        match = {"endpoint": "file_stream"}
        name = server.faults.add("status", status=500, match=match, when={"first": 2})
        assert [await status() for _ in range(3)] == [500, 500, 200]
        assert server.faults.acted == {name: 2}
        assert [request.faults for request in server.requests[1:]] == [(name,), (name,), ()]
        server.faults.add("status", name="again", status=403)
        assert await status() == 403
        assert [request.status for request in server.undelivered] == [403]
        server.faults.remove("again")
        assert await status() == 200
        with pytest.raises(LookupError, match="no fault called 'again'; in force: \\['status'\\]"):
            server.faults.remove("again")
        server.faults.take_profile("outage")
        assert server.faults.acted.keys().isdisjoint({name})
        server.faults.clear()
        assert await status() == 200
        with pytest.raises(FileError, match="statuss"):
            server.faults.add("status", statuss=500)
        with pytest.raises(TakenNameError):
            [server.faults.add("status", name="twice", status=500) for _ in range(2)]


async def test_given_time_advanced_then_windows_drain_and_silent_runs_crash(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer(limits={"project": {"requests": "1/1h"}}) as server:
        client = client_of(server, session)
        await client.start_run()
        assert [(await client.stream({}))[0] for _ in range(2)] == [200, 429]
        before = server.clock.wall()
        server.clock.advance("1h")
        assert server.clock.wall() - before >= 3600
        assert server.run().state == "crashed"
        assert (await client.stream({}))[0] == 200
        assert server.run().state == "running"
        with pytest.raises(ValueError, match="expected a duration"):
            server.clock.advance(-5)


async def test_given_many_threads_that_look_while_requests_arrive_then_none_fails(
    session: aiohttp.ClientSession,
) -> None:
    async with MockServer() as server:
        client = client_of(server, session)
        await client.start_run()
        errors: list[BaseException] = []
        done = threading.Event()

        def look() -> None:
            try:
                while not done.is_set():
                    assert len(server.run().history) <= len(server.requests)
            except BaseException as error:
                errors.append(error)

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for step in range(100):
            await client.stream(history(step, 1))
        done.set()
        for thread in threads:
            thread.join()
        assert errors == []
        assert len(server.run().history) == 100
