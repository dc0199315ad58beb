"""The one-write answer is HTTP like any other: connection, date, length, and what follows it."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.wandb_client import WandbClient

PATH = "/files/team/vision/r1/file_stream"


async def talk(client: WandbClient, *requests: str) -> bytes:
    """Send raw requests over one connection; all that comes back until it closes."""
    where = urlsplit(client.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    auth = f"Authorization: {client.headers['Authorization']}\r\nContent-Length: 2\r\n"
    for request in requests:
        writer.write(f"{request}\r\nHost: x\r\n{auth}\r\n{{}}".encode())
    answer = await asyncio.wait_for(reader.read(), timeout=20)
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("request_line", "connection"),
    [
        (f"POST {PATH} HTTP/1.1\r\nConnection: close", b"Connection: close\r\n"),
        (f"POST {PATH} HTTP/1.0", b"Connection: close\r\n"),
    ],
)
async def test_given_a_client_that_wants_it_then_the_connection_closes(
    client, request_line, connection
) -> None:
    await client.start_run()
    answer = await talk(client, request_line)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert connection in answer
    assert answer.endswith(b'\r\n\r\n{"exitcode":null,"limits":{},"stopped":false}')


async def test_given_keep_alive_then_one_connection_serves_several_requests(client) -> None:
    await client.start_run()
    answer = await talk(
        client, f"POST {PATH} HTTP/1.1", f"POST {PATH} HTTP/1.1\r\nConnection: close"
    )
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert answer.count(b"Content-Length: 45\r\n") == 2
    assert answer.count(b"Connection: close\r\n") == 1


async def test_given_a_virtual_clock_then_the_date_is_its_time(client, clock) -> None:
    await client.start_run()
    assert (await client.stream({}))[2]["Date"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    await clock.advance(61)
    assert (await client.stream({}))[2]["Date"] == "Thu, 01 Jan 2026 00:01:01 GMT"
