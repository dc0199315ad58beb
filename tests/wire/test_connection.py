"""Reading stops for large bodies and long queues, and goes on; nothing is lost on the way."""

import asyncio
import json
from urllib.parse import urlsplit

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


async def test_given_a_body_in_thousands_of_pieces_then_it_comes_through_whole(client) -> None:
    await client.start_run()
    body = json.dumps(history(0, 1, text="y" * 60_000)).encode()
    pieces = [b"1\r\n%c\r\n" % byte for byte in body]
    chunked = b"".join([*pieces, b"0\r\n\r\n"])
    sent = request(client, chunked, "Transfer-Encoding: chunked")
    assert await answers(client, sent, request(client, b"{}")) == 2
    assert (await client.run_account())["rows_stored"] == 1


async def test_given_a_hundred_requests_at_once_then_each_is_answered(client) -> None:
    await client.start_run()
    bodies = [json.dumps(history(row, 1)).encode() for row in range(100)]
    assert await answers(client, *(request(client, body) for body in bodies)) == 100
    assert (await client.run_account())["rows_stored"] == 100
