"""How long a server waits for requests under way when it is told to stop."""

import asyncio
from urllib.parse import urlsplit

from mockwb.config.load import load_config
from mockwb.server import Server
from tests.wandb_client import authorization

HEAD = (
    "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n"
    f"Authorization: {authorization()['Authorization']}\r\n\r\n"
)


async def with_half_a_request(shutdown_timeout: str):
    """A server that has begun to receive a request."""
    server = Server(load_config(overlay={"port": 0, "shutdown_timeout": shutdown_timeout}))
    await server.start()
    where = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(HEAD.encode() + b'{"query":')
    while not server._rooms.exchange._under_way:  # noqa: ASYNC110 -- real sockets
        await asyncio.sleep(0.01)  # noqa: TID251
    return server, reader, writer


async def test_given_a_request_that_hangs_then_the_server_waits_as_long_as_configured() -> None:
    hasty, _, hasty_link = await with_half_a_request("50ms")
    patient, reader, link = await with_half_a_request("1h")
    stopping = asyncio.create_task(patient.stop())
    await hasty.stop()
    assert not stopping.done()
    link.write(b'"{ viewer { id } }" }')
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    await stopping
    for one in (hasty_link, link):
        one.close()
