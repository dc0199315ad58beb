"""Reading stops for large bodies and long queues, and goes on; nothing is lost on the way."""

import asyncio
import json
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from mockwb.wire.connection import Connections
from tests.wandb_client import WandbClient, history

PATH = "/files/team/vision/r1/file_stream"
LONG = "x" * 3_000_000
"""Far more than is read ahead."""


def request(client: WandbClient, body: bytes, *headers: str) -> bytes:
    auth = f"Authorization: {client.headers['Authorization']}"
    length = f"Content-Length: {len(body)}"
    lines = [f"POST {PATH} HTTP/1.1", "Host: x", auth, *(headers or (length,)), "", ""]
    return "\r\n".join(lines).encode() + body


async def answers(client: WandbClient, *requests: bytes) -> int:
    """Send all of them over one connection before reading; how many were answered with 200."""
    where = urlsplit(client.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(b"".join(requests))
    try:
        for count in range(len(requests)):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=20)
            if not head.startswith(b"HTTP/1.1 200"):
                return count
            await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split()[0]))
    finally:
        writer.close()
        await writer.wait_closed()
    return len(requests)


async def test_given_bodies_larger_than_what_is_read_ahead_then_all_come_through(client) -> None:
    await client.start_run()
    bodies = [json.dumps(history(row, 1, text=LONG)).encode() for row in range(3)]
    assert await answers(client, *(request(client, body) for body in bodies)) == 3
    assert (await client.run_account())["rows_stored"] == 3


@pytest.mark.parametrize("first", [1, 16_384, 16_385, 16_386])
async def test_given_a_body_in_thousands_of_pieces_then_it_comes_through_whole(first: int) -> None:
    """The first ones come at once; from 16,385 pieces on reading stops."""
    read = 0
    some, whole = asyncio.Event(), asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.Response:
        nonlocal read
        while piece := await request.content.readany():
            read += len(piece)
            some.set()
        whole.set()
        return web.Response()

    connection = Connections(handler)()
    transport = Mock(asyncio.Transport)
    transport.get_extra_info.return_value = None
    connection.connection_made(transport)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.data_received(head + b"1\r\nx\r\n" * first)
    await asyncio.wait_for(some.wait(), timeout=20)
    connection.data_received(b"1\r\ny\r\n" * 5 + b"0\r\n\r\n")
    await asyncio.wait_for(whole.wait(), timeout=20)
    assert read == first + 5
    connection.connection_lost(None)


async def test_given_a_hundred_requests_at_once_then_each_is_answered(client) -> None:
    await client.start_run()
    bodies = [json.dumps(history(row, 1)).encode() for row in range(100)]
    assert await answers(client, *(request(client, body) for body in bodies)) == 100
    assert (await client.run_account())["rows_stored"] == 100


async def test_given_bodies_that_came_late_then_what_follows_at_once_is_answered(client) -> None:
    await client.start_run()
    where = urlsplit(client.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)

    async def answered() -> bytes:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), timeout=20)
        await reader.readexactly(int(head.partition(b"Content-Length: ")[2].split()[0]))
        return head.partition(b"\r\n")[0]

    sent = request(client, b'{"files":{}}')
    for _ in range(40):  # more than aiohttp lets queue up
        writer.write(sent[:-5])
        await client.run_account()  # by the time this is answered, the head was read
        writer.write(sent[-5:])
        assert await answered() == b"HTTP/1.1 200 OK"
    writer.write(sent * 3)
    assert [await answered() for _ in range(3)] == [b"HTTP/1.1 200 OK"] * 3
    writer.close()
    await writer.wait_closed()
