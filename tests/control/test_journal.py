"""`/_mockwb/journal` of a real server: what it says of real requests, and of bad questions."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.har_rules import check_har
from tests.wandb_client import KEY, WandbClient, history

NEW_KEY = "mutation { generateApiKey(input: {}) { apiKey { id name } } }"
UPLOAD = """
mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(input: {
    entityName: $entity, projectName: $project, runName: $run, files: $files
  }) { runID uploadHeaders files { name uploadUrl } }
}
"""


async def ask(client: WandbClient, path: str = "", method: str = "GET", **query: Any) -> Any:
    url = f"{client.url}/_mockwb/journal{path}"
    async with client.session.request(method, url, params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def seqs(client: WandbClient, **query: Any) -> list[int]:
    return [entry["seq"] for entry in (await ask(client, **query))["entries"]]


async def upload(client: WandbClient, data: bytes) -> None:
    place = {"entity": "team", "project": "vision", "run": "r1", "files": ["a.txt"]}
    _, answer = await client.graphql(UPLOAD, **place)
    (file,) = answer["data"]["createRunFiles"]["files"]
    async with client.session.put(file["uploadUrl"], data=data) as done:
        assert done.status == 200


async def test_given_requests_then_they_are_found_by_run_endpoint_status_time_and_number(
    serve: Serve, clock: VirtualClock
) -> None:
    client = await serve(limits={"run": {"requests": "1/1h"}})
    began = clock.wall()
    await client.start_run()  # 1
    await client.stream(history(0, 2))  # 2
    await clock.advance(10)
    await client.stream(history(2, 1))  # 3: 429
    await client.start_run("other")  # 4
    assert await seqs(client) == [1, 2, 3, 4]
    assert await seqs(client, run="r*") == [1, 2, 3]
    assert await seqs(client, project="team/*", run="other") == [4]
    assert await seqs(client, endpoint="file_stream") == [2, 3]
    assert await seqs(client, status="4xx") == [3]
    assert await seqs(client, since=began + 5) == [3, 4]
    assert await seqs(client, until=began + 5) == [1, 2]
    page = await ask(client, after=1, limit=2)
    assert [entry["seq"] for entry in page["entries"]] == [2, 3]
    assert await seqs(client, after=page["next"]) == [4]
    first, _, refused, _ = (await ask(client))["entries"]
    assert first["operation"] == "UpsertBucket"
    assert refused["refused_by"] == "run.requests"
    assert "request" not in refused
    assert await ask(client, method="DELETE") == {"entries": 4}
    assert await seqs(client) == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("status=4x", "'status'"),
        ("status=600", "'status'"),
        ("endpoint=nowhere", "'endpoint'"),
        ("since=yesterday", "'since'"),
        ("until=-1", "'until'"),
        ("after=x", "'after'"),
        ("limit=0", "'limit'"),
        ("limit=1&limit=2", "'limit'"),
        ("project=p", "'project'"),
        ("colour=red", "'colour'"),
    ],
)
@pytest.mark.parametrize("path", ["", "/har"])
async def test_given_a_bad_question_then_the_answer_names_the_parameter(
    client: WandbClient, path: str, query: str, named: str
) -> None:
    async with client.session.get(f"{client.url}/_mockwb/journal{path}?{query}") as answer:
        assert answer.status == 400
        assert named in (await answer.json())["error"]


async def test_given_bodies_then_both_sides_are_kept_and_keys_and_tokens_are_not(
    serve: Serve, tmp_path: Path
) -> None:
    file = tmp_path / "journal.ndjson"
    client = await serve(journal={"bodies": True, "file": str(file)})
    await client.start_run()
    await client.stream(history(0, 2), headers={"Cookie": "wandb=c00kie", "X-Key": KEY})
    _, made = await client.graphql(NEW_KEY)
    new_key = made["data"]["generateApiKey"]["apiKey"]["name"]
    await upload(client, b"hello")
    page = await ask(client)
    stream = next(entry for entry in page["entries"] if entry["endpoint"] == "file_stream")
    assert "wandb-history.jsonl" in stream["request"]["body"]
    assert "stopped" in stream["response"]["body"]
    put = next(entry for entry in page["entries"] if entry["endpoint"] == "storage")
    assert put["request"]["body"] == "hello"
    assert put["query"] == "token=[redacted]"
    har = await ask(client, "/har")
    check_har(har)
    assert len(har["log"]["entries"]) == len(page["entries"])
    basic = client.headers["Authorization"].split()[1]
    texts = [str(page), str(har)]
    for text in texts:
        for secret in (KEY, new_key, basic, "c00kie"):
            assert secret not in text


async def test_given_a_body_in_pieces_or_too_large_then_it_is_kept_up_to_the_bound(
    serve: Serve,
) -> None:
    client = await serve(journal={"bodies": True, "max_body": 1000})
    await client.start_run()
    await upload(client, b"x" * 1000)
    await upload(client, b"x" * 1001)
    whole, large = (await ask(client, endpoint="storage"))["entries"]
    assert whole["request"]["body"] == "x" * 1000
    assert large["request"]["left_out"] == "too large"
    assert large["bytes_in"] == 1001


async def test_given_bytes_that_are_no_text_then_the_journal_can_still_be_read(
    serve: Serve,
) -> None:
    client = await serve(journal={"bodies": True})
    host, port = client.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(
        b"POST /files/%ff/p/r/file_stream?a=%fe HTTP/1.1\r\nHost: h\r\nUser-Agent: \xfd\r\n"
        b"X-WANDB-ASYNC-CLIENT-ID: \xfc\r\nX-Other: \xfb\r\nAuthorization: \xfa\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    await reader.read()
    writer.close()
    (entry,) = (await ask(client))["entries"]
    assert entry["status"] in (400, 401)
    check_har(await ask(client, "/har"))


async def test_given_a_fault_then_the_entry_names_it_whatever_came_of_the_request(
    serve: Serve,
) -> None:
    match = {"endpoint": "file_stream"}
    broken = {"name": "broken", "match": match, "what": {"kind": "corrupt"}}
    client = await serve(journal={"bodies": True}, faults=[broken])
    await client.start_run()
    url = f"{client.url}/files/team/vision/r1/file_stream"
    async with client.session.post(url, json=history(0, 1), headers=client.headers) as answer:
        await answer.read()
    (entry,) = (await ask(client, endpoint="file_stream"))["entries"]
    assert (entry["fault"], entry["status"]) == ("broken", 200)
    assert "wandb-history.jsonl" in entry["request"]["body"]


async def test_given_a_server_that_stops_then_its_file_has_every_request(
    serve: Serve, tmp_path: Path
) -> None:
    from mockwb.config.load import load_config
    from mockwb.server import Server

    file = tmp_path / "journal.ndjson"
    settings = {"port": 0, "journal": {"file": str(file)}}
    client = await serve()
    async with Server(load_config(overlay=settings)) as server:
        for _ in range(3):
            async with client.session.get(f"{server.url}/healthz"):
                pass
    assert len(file.read_text().splitlines()) == 3
