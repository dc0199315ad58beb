"""What cannot be understood is answered plainly, in the forms SDKs parse; the server carries on."""

import asyncio
import gzip
import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.wandb_client import WandbClient, history


async def assert_carries_on(client: WandbClient) -> None:
    """The server still takes a good request of the same run."""
    assert (await client.stream(history(0, 1)))[0] == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{not json", "file_stream body is not valid JSON"),
        (b"\xff\xfe{}", "file_stream body is not valid JSON"),
        (b'{"a":' * 100_000, "file_stream body is not valid JSON"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"files": 3}', "Expected `object`, got `int` - at `$.files`"),
        (b'{"complete": "yes"}', "Expected `bool`, got `str` - at `$.complete`"),
        (
            b'{"files":{"output.log":{"offset":-1,"content":[]}}}',
            "Expected `int` >= 0 - at `$.files[...].offset`",
        ),
        (b'{"files":{"output.log":{"offset":0.5,"content":[]}}}', "Expected `int`, got `float`"),
        (b'{"files":{"output.log":{"offset":0,"content":[1]}}}', "Expected `str`, got `int`"),
        (b'{"files":{"output.log":{"offset":0}}}', "missing required field `content`"),
        (
            b'{"files":{"wandb-history.jsonl":{"offset":0,"content":["[]"]}}}',
            "wandb-history.jsonl: line 0: expected a JSON object, got list",
        ),
        (
            json.dumps({"files": {"wandb-history.jsonl": {"content": ['{"a":' * 5000]}}}).encode(),
            "wandb-history.jsonl: line 0: nested too deeply",
        ),
        (
            b'{"files":{"output.log":{"offset":999999999999,"content":["x"]}}}',
            "output.log: offset 999999999999 is 999999999999 lines beyond the end (0)",
        ),
    ],
)
async def test_given_a_body_that_makes_no_sense_then_400_says_where(client, body, message) -> None:
    await client.start_run()
    status, answer, _ = await client.stream(body)
    assert status == 400
    assert message in answer["error"]
    assert answer["errors"] == [{"message": answer["error"]}]
    await assert_carries_on(client)


async def test_given_an_unknown_run_or_project_then_404_names_it(client) -> None:
    await client.start_run()
    for where in ({"run": "nope"}, {"project": "nope"}):
        status, answer, _ = await client.stream(history(0, 1), **where)
        assert status == 404
        assert "nope" in answer["error"]
        assert "not found" in answer["error"]
    await assert_carries_on(client)


@pytest.mark.parametrize(
    ("mangle", "message"),
    [
        (lambda packed: packed[:-12], "gzip body is truncated"),
        (lambda packed: b"plain", "gzip body is broken"),
        (lambda packed: packed + b"rest", "gzip body is broken"),
    ],
)
async def test_given_a_damaged_gzip_body_then_400_says_so(client, mangle, message) -> None:
    await client.start_run()
    packed = mangle(gzip.compress(json.dumps(history(0, 10)).encode()))
    status, answer, _ = await client.stream(packed, headers={"Content-Encoding": "gzip"})
    assert status == 400
    assert message in answer["error"]
    await assert_carries_on(client)


async def test_given_a_gzip_bomb_then_413_before_it_unfolds(serve) -> None:
    client = await serve(bodies={"max_decompressed": "1MB"})
    await client.start_run()
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    status, answer, _ = await client.stream(bomb, headers={"Content-Encoding": "gzip"})
    assert status == 413
    assert "decompresses to more than 1MB" in answer["error"]
    await assert_carries_on(client)


async def test_given_an_unknown_encoding_then_415(client) -> None:
    await client.start_run()
    status, answer, _ = await client.stream(b"x", headers={"Content-Encoding": "br"})
    assert (status, "'br' is not supported" in answer["error"]) == (415, True)


async def test_given_an_oversized_body_then_413_declared_or_not(serve) -> None:
    client = await serve(bodies={"max_size": "10kB"})
    await client.start_run()

    async def undeclared():
        for _ in range(20):
            yield b" " * 1000

    for body in (b" " * 20_000, undeclared()):
        url = f"{client.url}/files/team/vision/r1/file_stream"
        async with client.session.post(url, data=body, headers=client.headers) as response:
            assert response.status == 413
            assert "larger than 10kB" in (await response.json())["error"]
    await assert_carries_on(client)


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "not valid JSON"),
        (b"[]", 400, "Expected `object`, got `array`"),
        (b"{}", 400, "missing required field `query`"),
        (b'{"query": 3}', 400, "Expected `str`, got `int`"),
        (b'{"query": "query {"}', 400, "Syntax Error"),
        (b'{"query": "{ nonsense }"}', 400, 'Cannot query field "nonsense" on type "Query"'),
        (
            b'{"query": "query P($n: String!) { project(name: $n) { id } }"}',
            400,
            'Variable "$n"',
        ),
        (
            b'{"query": "query P($n: String!) { project(name: $n) { id } }",'
            b' "variables": {"n": 3}}',
            400,
            "String cannot represent a non string value: 3",
        ),
    ],
)
async def test_given_a_wrong_graphql_request_then_errors_say_what(
    client, body, status, message
) -> None:
    async with client.session.post(
        f"{client.url}/graphql", data=body, headers=client.headers
    ) as response:
        answer = await response.json()
        assert response.status == status
    assert message in answer["errors"][0]["message"]
    await client.start_run()


@pytest.mark.parametrize("header", [None, "Basic", "Basic ?", "Digest x", "Basic YXBpOnNob3J0"])
async def test_given_a_bad_auth_header_then_401_in_the_form_sdks_print(client, header) -> None:
    headers = {} if header is None else {"Authorization": header}
    for path in ("graphql", "files/team/vision/r1/file_stream"):
        async with client.session.post(
            f"{client.url}/{path}", data=b"{}", headers=headers
        ) as response:
            answer = await response.json()
            assert response.status == 401
            assert answer["errors"][0]["message"]


async def test_given_an_unknown_route_or_method_then_json_says_so(client) -> None:
    async with client.session.get(f"{client.url}/nowhere") as response:
        assert response.status == 404
        assert (await response.json())["errors"]
    async with client.session.get(f"{client.url}/graphql") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
        assert (await response.json())["errors"]


def connect(client: WandbClient) -> socket.socket:
    where = urlsplit(client.url)
    return socket.create_connection((where.hostname, where.port))


def head(client: WandbClient, length: int) -> bytes:
    auth = client.headers["Authorization"]
    return (
        f"POST /files/team/vision/r1/file_stream HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {auth}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


async def test_given_a_body_that_stops_coming_then_408_and_nothing_is_stored(serve) -> None:
    client = await serve(bodies={"timeout": "100ms"})
    await client.start_run()
    with connect(client) as slow:
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(slow, head(client, 1000) + b'{"files"')
        answer = await asyncio.wait_for(loop.sock_recv(slow, 4096), timeout=20)
    assert b"408 Request Timeout" in answer
    assert b"nothing arrived for 100ms" in answer
    await assert_carries_on(client)


async def test_given_a_client_that_hangs_up_then_the_server_carries_on(client, caplog) -> None:
    await client.start_run()
    with connect(client) as gone:
        gone.setblocking(False)
        await asyncio.get_running_loop().sock_sendall(gone, head(client, 1000) + b'{"files"')
    await assert_carries_on(client)
    assert (await client.run_account())["rows_stored"] == 1
    assert not [line for line in caplog.records if line.levelname == "ERROR"]
