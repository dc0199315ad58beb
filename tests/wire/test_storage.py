"""File bodies over HTTP: what goes up comes back, whole or not at all, and only as allowed."""

import asyncio
import base64
import hashlib
import random
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mockwb.clock import RealClock
from tests.conftest import Serve
from tests.wandb_client import WandbClient

CREATE = """
mutation CreateRunFiles($names: [String!]!) {
  createRunFiles(input: {
    entityName: "team", projectName: "vision", runName: "r1", files: $names
  }) { files { uploadUrl } }
}
"""
DIRECT = """
query RunFiles($names: [String]!) {
  project(entityName: "team", name: "vision") {
    run(name: "r1") { files(names: $names) { edges { node { directUrl } } } }
  }
}
"""
SMALL = b"some bytes"
LARGE = random.Random(1).randbytes(300_000)


@pytest.fixture
async def storage(serve: Serve, tmp_path: Path) -> WandbClient:
    """A server with a run, that keeps files of more than 10 kB in `tmp_path`."""
    limits = {"memory_threshold": "10kB", "max_file_size": "500kB", "folder": str(tmp_path)}
    client = await serve(storage=limits)
    await client.start_run()
    return client


async def upload_url(client: WandbClient, name: str) -> str:
    _, answer = await client.graphql(CREATE, names=[name])
    return str(answer["data"]["createRunFiles"]["files"][0]["uploadUrl"])


async def direct_url(client: WandbClient, name: str) -> str:
    _, answer = await client.graphql(DIRECT, names=[name])
    (edge,) = answer["data"]["project"]["run"]["files"]["edges"]
    return str(edge["node"]["directUrl"])


async def put(client: WandbClient, url: str, body: Any) -> tuple[int, Any]:
    """Status, and the message of a refusal or the ETag."""
    async with client.session.put(url, data=body) as response:
        if response.status == 200:
            return 200, response.headers["ETag"]
        return response.status, (await response.json())["errors"][0]["message"]


async def get(client: WandbClient, url: str, **headers: str) -> tuple[int, bytes]:
    async with client.session.get(url, headers=headers) as response:
        return response.status, await response.read()


async def in_chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 7000):
        yield content[start : start + 7000]


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "memory", "folder"])
@pytest.mark.parametrize("declared", [True, False])
async def test_given_an_upload_then_the_same_bytes_come_back(storage, content, declared) -> None:
    url = await upload_url(storage, "a b/é#?%2F+.bin")
    body = content if declared else in_chunks(content)
    digest = base64.b64encode(hashlib.md5(content).digest()).decode()
    assert await put(storage, url, body) == (200, f'"{digest}"')
    assert await get(storage, await direct_url(storage, "a b/é#?%2F+.bin")) == (200, content)


async def test_given_a_second_upload_then_it_replaces_the_first(storage, tmp_path) -> None:
    url = await upload_url(storage, "a.bin")
    for content in (LARGE, LARGE[::-1], SMALL):
        await put(storage, url, content)
        assert await get(storage, await direct_url(storage, "a.bin")) == (200, content)
    assert list(tmp_path.iterdir()) == []


async def test_given_an_api_key_then_files_are_read_by_their_names(storage) -> None:
    await put(storage, await upload_url(storage, "dir/a.txt"), SMALL)
    url = f"{storage.url}/files/team/vision/r1/dir/a.txt"
    assert await get(storage, url, **storage.headers) == (200, SMALL)
    assert (await get(storage, url))[0] == 401
    assert (await get(storage, f"{url}x", **storage.headers))[0] == 404


async def test_given_a_url_for_one_method_then_it_is_not_good_for_another(storage) -> None:
    up = await upload_url(storage, "a.txt")
    await put(storage, up, SMALL)
    down = await direct_url(storage, "a.txt")
    status, message = await put(storage, down, b"forged")
    assert (status, message) == (403, "this URL is not one that this server handed out for PUT")
    assert (await get(storage, up))[0] == 403
    assert await get(storage, down) == (200, SMALL)


@pytest.mark.parametrize("change", [("a.txt", "b.txt"), ("token=", "token=0"), ("token", "t")])
async def test_given_a_url_that_was_not_handed_out_then_403(storage, change) -> None:
    url = await upload_url(storage, "a.txt")
    assert (await put(storage, url.replace(*change), SMALL))[0] == 403


async def test_given_a_run_that_is_gone_then_uploads_to_it_are_refused(storage) -> None:
    url = await upload_url(storage, "a.txt")
    bucket = await storage.start_run()
    delete = "mutation D($id: ID!) { deleteRun(input: {id: $id}) { clientMutationId } }"
    status, _ = await storage.graphql(delete, id=bucket["id"])
    assert status == 200
    assert await put(storage, url, SMALL) == (404, "run team/vision/r1 not found")


@pytest.mark.parametrize("path", ["../../../x", "%2e%2e/x", "..%2F..%2Fx", "a/%2E%2E/%2E%2E/x"])
async def test_given_a_path_that_leaves_its_run_then_it_is_refused_plainly(storage, path) -> None:
    answer = await raw(storage, f"GET /files/team/vision/r1/{path}", **storage.headers)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"must be a relative path within its run" in answer


@pytest.mark.parametrize("declared", [True, False])
async def test_given_too_large_a_file_then_413_and_nothing_is_kept(
    storage, tmp_path, declared
) -> None:
    content = bytes(500_001)
    url = await upload_url(storage, "a.bin")
    status, message = await put(storage, url, content if declared else in_chunks(content))
    assert status == 413
    assert "larger than" in message
    assert "500kB" in message
    assert (await get(storage, await direct_url(storage, "a.bin")))[0] == 404
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "head", ["Content-Length: 400000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n249f0\r\n"]
)
async def test_given_an_upload_that_breaks_off_then_the_former_content_stays(
    storage, tmp_path, head
) -> None:
    url = await upload_url(storage, "a.bin")
    await put(storage, url, SMALL)
    where = urlsplit(url)
    start = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\n{head}".encode()
    with connect(storage) as link:
        await asyncio.get_running_loop().sock_sendall(link, start + bytes(150_000))
        await until(lambda: list(tmp_path.iterdir()))  # the server has begun to keep it
    await until(lambda: not list(tmp_path.iterdir()))
    assert await get(storage, await direct_url(storage, "a.bin")) == (200, SMALL)


async def test_given_an_upload_that_stops_coming_then_408_and_nothing_is_kept(
    serve, tmp_path
) -> None:
    settings = {"memory_threshold": "10kB", "folder": str(tmp_path)}
    client = await serve(storage=settings, bodies={"timeout": "100ms"})
    await client.start_run()
    where = urlsplit(await upload_url(client, "a.bin"))
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n"
    with connect(client) as slow:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(slow, head.encode() + bytes(50_000))
        answer = await asyncio.wait_for(loop.sock_recv(slow, 4096), timeout=20)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"nothing arrived for 100ms" in answer
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=5-9", 206, LARGE[5:10]),
        ("bytes=299990-", 206, LARGE[-10:]),
        ("bytes=-3", 206, LARGE[-3:]),
        ("bytes=0-999999", 206, LARGE),
    ],
)
async def test_given_a_range_then_only_that_is_sent(storage, asked, status, content) -> None:
    await put(storage, await upload_url(storage, "a.bin"), LARGE)
    url = await direct_url(storage, "a.bin")
    assert await get(storage, url, Range=asked) == (status, content)


@pytest.mark.parametrize(("asked", "status"), [("bytes=300000-", 416), ("lines=1-2", 400)])
async def test_given_a_range_that_is_not_there_then_it_is_refused(storage, asked, status) -> None:
    await put(storage, await upload_url(storage, "a.bin"), LARGE)
    answer, body = await get(storage, await direct_url(storage, "a.bin"), Range=asked)
    assert answer == status
    assert b"Range header" in body


async def test_given_a_question_for_the_head_then_size_and_digest_without_content(storage) -> None:
    await put(storage, await upload_url(storage, "a.json"), SMALL)
    async with storage.session.head(await direct_url(storage, "a.json")) as response:
        assert response.status == 200
        assert response.headers["Content-Length"] == str(len(SMALL))
        assert response.headers["Content-Type"] == "application/json"
        assert await response.read() == b""


async def test_given_a_browser_on_another_origin_then_it_may_read_files(storage) -> None:
    await put(storage, await upload_url(storage, "a.bin"), SMALL)
    url = await direct_url(storage, "a.bin")
    asked = {"Origin": "http://elsewhere", "Access-Control-Request-Method": "GET"}
    async with storage.session.options(url, headers=asked) as response:
        assert response.status == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in response.headers["Access-Control-Allow-Methods"]
    async with storage.session.get(url, headers=asked) as response:
        assert response.headers["Access-Control-Allow-Origin"] == "*"


async def test_given_uploads_and_downloads_then_the_account_has_them_under_their_run(
    storage,
) -> None:
    await put(storage, await upload_url(storage, "a.bin"), LARGE)
    await get(storage, await direct_url(storage, "a.bin"))
    account = await storage.run_account()
    assert account["requests"]["storage"] == {"200": 2}


def connect(client: WandbClient) -> socket.socket:
    where = urlsplit(client.url)
    link = socket.create_connection((where.hostname, where.port))
    link.setblocking(False)
    return link


async def raw(client: WandbClient, line: str, **headers: str) -> bytes:
    """Send a request whose path no client library touches; the whole answer."""
    loop = asyncio.get_running_loop()
    fields = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    answer = b""
    with connect(client) as link:
        await loop.sock_sendall(
            link, f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{fields}\r\n".encode()
        )
        while chunk := await loop.sock_recv(link, 65536):
            answer += chunk
    return answer


async def until(condition: Any) -> None:
    """Let the server run until `condition` holds."""
    async with asyncio.timeout(20):
        while not condition():
            await RealClock().sleep(0.001)  # sockets live in real time
