"""mockwb in front of another server, which is a second mockwb."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Serve
from tests.control.test_journal import NEW_KEY, UPLOAD, ask
from tests.wandb_client import KEY, WandbClient, history


async def upstream_and_proxy(serve: Serve, **settings: object) -> tuple[WandbClient, WandbClient]:
    upstream = await serve(limits={"run": {"requests": "50/1h"}}, auth={"keys": [{"key": KEY}]})
    return upstream, await serve(proxy=upstream.url, **settings)


async def read(client: WandbClient, path: str) -> Any:
    """What mockwb's own API says."""
    async with client.session.get(f"{client.url}/_mockwb/{path}") as answer:
        return await answer.json()


async def file_address(client: WandbClient, name: str = "a b.txt") -> str:
    place = {"entity": "team", "project": "vision", "run": "r1", "files": [name]}
    _, answer = await client.graphql(UPLOAD, **place)
    return answer["data"]["createRunFiles"]["files"][0]["uploadUrl"]


async def test_given_a_proxy_then_runs_rows_and_files_are_at_the_other_server(
    serve: Serve,
) -> None:
    upstream, proxy = await upstream_and_proxy(serve)
    await proxy.start_run()
    status, answer, headers = await proxy.stream(history(0, 3))
    assert (status, answer["stopped"]) == (200, False)
    assert headers["RateLimit-Remaining"] == "980"  # of the other server's limit
    address = await file_address(proxy)
    assert address.startswith(f"{proxy.url}/storage/")  # SDKs send no key to other hosts
    async with proxy.session.put(address, data=b"hello" * 50_000) as stored:
        assert stored.status == 200
    path = f"{proxy.url}/files/team/vision/r1/a%20b.txt"
    async with proxy.session.get(path, headers=proxy.headers) as got:
        assert await got.read() == b"hello" * 50_000
    async with proxy.session.head(path, headers=proxy.headers) as asked:
        assert asked.content_length == 250_000
    assert (await upstream.run_account())["rows_stored"] == 3


async def test_given_a_proxy_then_each_request_is_in_its_journal_without_keys(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "j.ndjson"
    _, proxy = await upstream_and_proxy(serve, journal={"bodies": True, "file": str(file)})
    await proxy.start_run()
    await proxy.stream(history(0, 3))
    async with proxy.session.put(await file_address(proxy), data=b"hello"):
        pass
    _, made = await proxy.graphql(NEW_KEY)
    page = await ask(proxy)
    run = [(one["endpoint"], one.get("run")) for one in page["entries"][:2]]
    assert run == [("graphql", "r1"), ("file_stream", "r1")]
    assert page["entries"][0]["operation"] == "UpsertBucket"
    bodies = [one["request"]["body"] for one in page["entries"]]
    assert "wandb-history.jsonl" in bodies[1]
    assert bodies[3] == "hello"
    secrets = [KEY, made["data"]["generateApiKey"]["apiKey"]["name"]]
    assert [secret for secret in secrets if secret in str(page)] == []


async def test_given_limits_at_the_proxy_then_what_they_refuse_does_not_reach_the_other_server(
    serve: Serve,
) -> None:
    limits = {"run": {"requests": "1/1h"}, "user": {"requests": "2/1h"}}
    upstream, proxy = await upstream_and_proxy(serve, limits=limits)
    await proxy.start_run()
    statuses = [(await proxy.stream(history(row, 1)))[0] for row in range(3)]
    assert statuses == [200, 429, 429]
    _, _, headers = await proxy.stream(history(0, 1))
    assert headers["RateLimit-Remaining"] == "0"
    assert [(await proxy.graphql("{ viewer { id } }"))[0] for _ in range(2)] == [200, 429]
    account = await upstream.run_account()
    assert account["requests"]["file_stream"] == {"200": 1}


async def test_given_faults_at_the_proxy_then_they_befall_requests_on_the_way(
    serve: Serve,
) -> None:
    fault = {"match": {"endpoint": "file_stream"}, "what": {"kind": "status", "status": 503}}
    upstream, proxy = await upstream_and_proxy(serve, faults=[fault])
    await proxy.start_run()
    url = f"{proxy.url}/files/team/vision/r1/file_stream"
    async with proxy.session.post(url, json=history(0, 1), headers=proxy.headers) as answer:
        assert answer.status == 503
    assert "file_stream" not in (await upstream.run_account())["requests"]


async def test_given_a_stop_at_the_proxy_then_the_other_servers_answer_says_it(
    serve: Serve,
) -> None:
    upstream, proxy = await upstream_and_proxy(serve, faults=[{"what": {"kind": "stopped"}}])
    await proxy.start_run()
    status, answer, _ = await proxy.stream(history(0, 1))
    assert (status, answer["stopped"]) == (200, True)
    assert (await upstream.run_account())["rows_stored"] == 1


async def test_given_a_proxy_then_its_account_knows_rows_states_and_deliveries(
    serve: Serve,
) -> None:
    upstream, proxy = await upstream_and_proxy(serve, limits={"run": {"requests": "3/1h"}})
    for run in ("r1", "r2"):
        await proxy.start_run(run)
        for body in (history(0, 3), history(0, 3), history(3, 2)):
            await proxy.stream(body, run)
    assert (await proxy.stream(history(5, 2), "r2"))[0] == 429
    proxy_limits = {"run": {"requests": "9/1h"}}
    async with proxy.session.patch(
        f"{proxy.url}/_mockwb/limits/rules", json=proxy_limits
    ) as changed:
        assert changed.status == 200
    for run in ("r1", "r2"):
        await proxy.stream({"complete": True, "exitcode": 0}, run)
    whole, lost = [await proxy.run_account(run) for run in ("r1", "r2")]
    assert (whole["rows_stored"], whole["rows_resent"], whole["state"]) == (5, 3, "finished")
    assert whole["delivery"]["verdict"] == "complete with duplicates suppressed"
    assert (lost["rows_stored"], lost["delivery"]["verdict"]) == (5, "incomplete")
    assert lost["delivery"]["missing"] == [["wandb-history.jsonl", 5, 7]]
    assert (await upstream.run_account("r1"))["rows_stored"] == 5


async def test_given_a_proxy_then_rows_that_the_other_server_refuses_are_not_stored(
    serve: Serve,
) -> None:
    _, proxy = await upstream_and_proxy(serve)
    assert (await proxy.stream(history(0, 3), "no-such-run"))[0] == 404
    account = await proxy.run_account("no-such-run")
    assert (account["rows_stored"], account["state"]) == (0, "")
    assert account["delivery"]["missing"] == [["wandb-history.jsonl", 0, 3]]


async def test_given_a_run_from_before_the_proxy_then_its_rows_count_too(serve: Serve) -> None:
    upstream, proxy = await upstream_and_proxy(serve)
    await upstream.start_run()
    await upstream.stream(history(0, 2))
    await proxy.stream(history(2, 3))
    assert (await proxy.run_account())["rows_stored"] == 3


async def test_given_a_proxy_then_guidance_is_watched(serve: Serve) -> None:
    _, proxy = await upstream_and_proxy(serve, guidance={"metrics_per_project": 1})
    await proxy.start_run()
    await proxy.stream(history(0, 1, more=1))
    (finding,) = (await read(proxy, "guidance"))["findings"]
    assert (finding["range"], finding["measured"]) == ("metrics_per_project", 2)


async def test_given_a_limit_of_run_creations_at_the_proxy_then_new_runs_count_once(
    serve: Serve,
) -> None:
    limits = {"project": {"run_creations": "2/1h"}}
    upstream, proxy = await upstream_and_proxy(serve, limits=limits)
    query = """mutation U($name: String, $entity: String) {
      upsertBucket(input: {name: $name, entityName: $entity, modelName: "vision"}) {
        bucket { name project { name entity { name } } } inserted } }"""
    _, made = await proxy.graphql(query, name="r1")  # in the user's own entity
    entity = made["data"]["upsertBucket"]["bucket"]["project"]["entity"]["name"]
    runs = ["r1", "r2", "r1", "r3", "r2"]
    statuses = [(await proxy.graphql(query, name=run, entity=entity))[0] for run in runs]
    assert statuses == [200, 200, 200, 429, 200]
    assert [run["run"] for run in (await read(upstream, "account"))["runs"]] == ["r1", "r2"]


async def test_given_query_time_at_the_proxy_then_what_is_listed_counts(serve: Serve) -> None:
    costs = {"operations": {"List": {"base": "10ms", "per_item": "100ms"}}}
    limits = {"project": {"query_time": "150ms/1h"}, "query_costs": costs}
    _, proxy = await upstream_and_proxy(serve, limits=limits)
    query = """query List { project(name: "vision", entityName: "team") {
      runs(first: 10) { edges { node { name } } } } }"""
    await proxy.start_run()
    statuses = [(await proxy.graphql(query))[0] for _ in range(3)]
    assert (statuses[0], statuses[2]) == (200, 429)  # 110 ms each


async def test_given_a_wrong_key_then_the_other_server_says_so(serve: Serve) -> None:
    _, proxy = await upstream_and_proxy(serve)
    stranger = WandbClient(proxy.session, proxy.url, "f" * 40)
    assert (await stranger.graphql("{ viewer { id } }"))[0] == 401


async def test_given_no_other_server_then_the_answer_is_502_and_names_it(serve: Serve) -> None:
    proxy = await serve(proxy="http://127.0.0.1:1")
    status, answer = await proxy.graphql("{ viewer { id } }")
    assert (status, "http://127.0.0.1:1 does not answer" in answer["error"]) == (502, True)


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/_mockwb/limits"])
async def test_given_mockwbs_own_paths_then_the_proxy_answers_them(serve: Serve, path: str) -> None:
    proxy = await serve(proxy="http://127.0.0.1:1")
    async with proxy.session.get(proxy.url + path) as answer:
        assert answer.status == 200
    async with proxy.session.get(f"{proxy.url}/anything") as answer:
        assert answer.status == 502
