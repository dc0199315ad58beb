"""The floor: the least that a Python server can do with a file_stream request and still be one.

Bare aiohttp on uvloop: an application with this one route. It reads the body, parses the JSON and
each history line, and answers with the three headers. It stores nothing and limits nothing.
`python -m tests.benchmarks.floor` serves on a free port and prints `port N`.
"""

import asyncio

import msgspec
import uvloop
from aiohttp import web


class _Chunk(msgspec.Struct):
    offset: int
    content: list[str]


class _Update(msgspec.Struct):
    files: dict[str, _Chunk] = {}
    complete: bool = False


_update = msgspec.json.Decoder(_Update)
_row = msgspec.json.Decoder(dict[str, object])
_HEADERS = {
    "Content-Type": "application/json",
    "RateLimit-Limit": "1000",
    "RateLimit-Remaining": "999",
    "RateLimit-Reset": "1",
}


async def answer(request: web.Request) -> web.Response:
    """Parse the body and every history row in it; 400 for what is not JSON."""
    try:
        update = _update.decode(await request.read())
        history = update.files.get("wandb-history.jsonl")
        if history is not None:
            for line in history.content:
                _row.decode(line)
    except msgspec.DecodeError as error:
        return web.Response(status=400, text=str(error))
    return web.Response(body=b'{"exitcode":null,"limits":{}}', headers=_HEADERS)


async def _serve() -> None:
    app = web.Application(client_max_size=64_000_000)
    app.router.add_post("/files/{entity}/{project}/{run}/file_stream", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    print(f"port {runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(_serve())
