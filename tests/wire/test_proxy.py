"""mockwb in front of another server, which is a second mockwb."""

from pathlib import Path

import pytest

from tests.conftest import Serve
from tests.control.test_journal import NEW_KEY, UPLOAD, ask
from tests.wandb_client import KEY, WandbClient, history


async def upstream_and_proxy(serve: Serve, **settings: object) -> tuple[WandbClient, WandbClient]:
    upstream = await serve(limits={"run": {"requests": "50/1h"}}, auth={"keys": [{"key": KEY}]})
    return upstream, await serve(proxy=upstream.url, **settings)


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
