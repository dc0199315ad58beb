"""What uploads and downloads take from their project's storage limits, and how refusals look."""

import asyncio
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from mockwb.limits.limiter import Limiter
from tests.conftest import Serve
from tests.wandb_client import WandbClient
from tests.wire.test_storage import connect, direct_url, get, in_chunks, put, upload_url

SMALL = b"some bytes"
LARGE = bytes(range(256)) * 1000


async def limited(serve: Serve, **project: str) -> WandbClient:
    """A server with these limits for each project, and a run in team/vision."""
    client = await serve(limits={"project": project})
    await client.start_run()
    return client


async def figures(client: WandbClient, method: str, url: str, **kwargs: Any) -> tuple[int, Any]:
    """Status and RateLimit-Remaining."""
    async with client.session.request(method, url, **kwargs) as response:
        await response.read()
        return response.status, response.headers.get("RateLimit-Remaining")


async def used(client: WandbClient) -> dict[str, int]:
    """What counts against each limit of the project."""
    async with client.session.get(f"{client.url}/_mockwb/limits") as response:
        windows = (await response.json())["windows"]
    return {window["limit"]: window["used"] for window in windows}


async def test_given_a_request_limit_then_uploads_and_downloads_share_it(serve, clock) -> None:
    client = await limited(serve, storage_requests="4/1m")
    up, down = await upload_url(client, "a.txt"), await direct_url(client, "a.txt")
    with_key = f"{client.url}/files/team/vision/r1/a.txt"
    assert await figures(client, "PUT", up, data=SMALL) == (200, "750")
    assert await figures(client, "GET", down) == (200, "500")
    assert await figures(client, "GET", with_key, headers=client.headers) == (200, "250")
    assert await figures(client, "PUT", up, data=SMALL) == (200, "0")
    for method, url in (("PUT", up), ("GET", down)):
        assert await figures(client, method, url) == (429, "0")
    assert (await client.stream({}))[0] == 200
    await clock.advance(60)
    assert await figures(client, "GET", down) == (200, "750")


async def test_given_a_refusal_then_it_says_what_was_exceeded_and_the_account_has_it(serve) -> None:
    client = await limited(serve, storage_requests="1/1m")
    url = await upload_url(client, "a.txt")
    await put(client, url, SMALL)
    async with client.session.put(url, data=SMALL) as response:
        assert response.status == 429
        assert response.content_type == "application/json"
        assert response.headers["RateLimit-Limit"] == "1000"
        assert response.headers["RateLimit-Remaining"] == "0"
        assert response.headers["RateLimit-Reset"] == "60"
        message = (
            "rate limit exceeded: 1/1m storage_requests for project team/vision, resets in 60s"
        )
        answer = await response.json()
        assert (answer["error"], answer["errors"]) == (message, [{"message": message}])
    account = await client.run_account()
    assert account["requests"]["storage"] == {"200": 1, "429": 1}


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
async def test_given_no_content_on_the_way_then_it_is_free(serve, method) -> None:
    client = await limited(serve, storage_requests="1/1m")
    await put(client, await upload_url(client, "a.txt"), SMALL)
    url = await direct_url(client, "a.txt")
    assert await figures(client, method, url) == (200, None)
    assert (await get(client, url))[0] == 429


async def test_given_a_byte_limit_then_sizes_count_and_only_the_range_that_is_sent(serve) -> None:
    client = await limited(serve, storage_bytes="1000kB/1m")
    url = await upload_url(client, "a.bin")
    assert await figures(client, "PUT", url, data=LARGE[:250_000]) == (200, "750")
    down = await direct_url(client, "a.bin")
    assert await figures(client, "GET", down) == (200, "500")
    part = {"Range": "bytes=100000-199999"}
    assert await figures(client, "GET", down, headers=part) == (206, "400")
    assert (await get(client, down, Range="bytes=250000-"))[0] == 416
    assert (await get(client, f"{client.url}/files/team/vision/r1/none", **client.headers))[
        0
    ] == 404
    assert await used(client) == {"storage_bytes": 600_000}


@pytest.mark.parametrize("declared", [True, False])
async def test_given_a_refused_upload_then_the_former_content_stays(serve, declared) -> None:
    client = await limited(serve, storage_bytes="300kB/1m")
    url = await upload_url(client, "a.bin")
    await put(client, url, LARGE)
    await put(client, url, bytes(300_000 - len(LARGE)))
    status, message = await put(client, url, LARGE if declared else in_chunks(LARGE))
    assert status == 429
    assert message.startswith("rate limit exceeded: 300kB/1m storage_bytes for project team/vision")
    assert await used(client) == {"storage_bytes": 300_000}
    async with client.session.head(await direct_url(client, "a.bin")) as response:
        assert response.headers["Content-Length"] == str(300_000 - len(LARGE))


async def test_given_an_upload_of_unknown_length_then_what_arrived_counts_afterwards(serve) -> None:
    client = await limited(serve, storage_bytes="100kB/1m")
    url = await upload_url(client, "a.bin")
    assert (await put(client, url, in_chunks(LARGE)))[0] == 200
    assert await used(client) == {"storage_bytes": len(LARGE)}
    assert (await put(client, url, in_chunks(SMALL)))[0] == 429


async def test_given_an_upload_of_unknown_length_that_breaks_off_then_what_arrived_counts(
    serve,
) -> None:
    client = await limited(serve, storage_bytes="500kB/1m")
    where = urlsplit(await upload_url(client, "a.bin"))
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    with connect(client) as link:
        chunk = b"\r\n2710\r\n" + bytes(10_000) + b"\r\n"
        await asyncio.get_running_loop().sock_sendall(link, head.encode() + chunk)
        async with asyncio.timeout(20):
            while await used(client) != {"storage_bytes": 1}:
                pass
    async with asyncio.timeout(20):
        while await used(client) != {"storage_bytes": 10_000}:
            pass


async def test_given_a_refused_upload_then_the_answer_comes_at_once_and_the_connection_stays(
    serve, monkeypatch
) -> None:
    # aiohttp itself would wait for the rest of the body, but not as long as a large one takes.
    monkeypatch.setattr(web, "Server", partial(web.Server, lingering_time=0))
    client = await limited(serve, storage_requests="0/1m")
    where, length = urlsplit(await upload_url(client, "a.bin")), len(LARGE)
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
    loop = asyncio.get_running_loop()
    with connect(client) as link:
        await loop.sock_sendall(link, head.encode() + LARGE[:1000])
        answer = await asyncio.wait_for(loop.sock_recv(link, 65536), timeout=20)
        assert answer.startswith(b"HTTP/1.1 429")
        # A client that sends everything before it reads does not find the connection broken.
        await loop.sock_sendall(link, LARGE[1000:] + b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await asyncio.wait_for(loop.sock_recv(link, 65536), timeout=20)
        assert answer.startswith(b"HTTP/1.1 200")


async def test_given_a_client_that_leaves_after_a_refusal_then_nothing_is_wrong(
    serve, caplog
) -> None:
    client = await limited(serve, storage_requests="0/1m")
    where = urlsplit(await upload_url(client, "a.bin"))
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n"
    loop = asyncio.get_running_loop()
    with connect(client) as link:
        await loop.sock_sendall(link, head.encode() + LARGE[:1000])
        await asyncio.wait_for(loop.sock_recv(link, 65536), timeout=20)
    async with asyncio.timeout(20):
        while (await client.run_account())["requests"].get("storage") != {"429": 1}:
            pass
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_given_a_freeze_then_files_neither_go_up_nor_down(serve, monkeypatch) -> None:
    made: list[Limiter] = []

    class Kept(Limiter):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            made.append(self)

    monkeypatch.setattr("mockwb.app.Limiter", Kept)
    client = await limited(serve)
    up, down = await upload_url(client, "a.txt"), await direct_url(client, "a.txt")
    await put(client, up, SMALL)
    made[0].start_freeze()
    frozen = "rate limit exceeded: the server is frozen, resets in 10s"
    assert await put(client, up, b"other") == (429, frozen)
    assert (await get(client, down))[0] == 429
    assert await figures(client, "HEAD", down) == (200, None)
    made[0].release()
    assert await get(client, down) == (200, SMALL)
