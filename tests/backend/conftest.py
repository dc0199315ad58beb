"""A world without a server around it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.file_stream import HISTORY, Chunk, Update
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock

Log = Callable[..., Awaitable[None]]

CRASH_AFTER = 300


@pytest.fixture
async def world(clock: VirtualClock) -> AsyncIterator[World]:
    store = MemoryStore(BlobStore(memory_threshold=100, max_size=1000))
    yield World(store, clock, crash_after=CRASH_AFTER)
    await store.close()


@pytest.fixture
async def key(world: World) -> RunKey:
    """A run of ada's, just started."""
    fields = RunFields(entity="team", project="vision", name="r1", host="box", program="train.py")
    run, _ = await world.run_upsert.apply("ada", fields)
    return run.key


@pytest.fixture
def log(world: World, key: RunKey) -> Log:
    """Stream history rows of the run; each row names its own step or gets the next line's."""

    async def stream(*rows: dict[str, object] | str, writer: str = "") -> None:
        offset = await world.history.count(key, HISTORY, writer) if writer else 0
        if not writer:
            offset = await world.history.count(key, HISTORY)
        lines = [
            row if isinstance(row, str) else json.dumps({"_step": offset + i, **row})
            for i, row in enumerate(rows)
        ]
        await world.file_stream.apply(key, Update(files={HISTORY: Chunk(lines, offset)}), writer)

    return stream


async def stream_lines(
    world: World, key: RunKey, name: str, *lines: str, offset: int = 0, writer: str = ""
) -> None:
    """Stream lines of any file."""
    await world.file_stream.apply(key, Update(files={name: Chunk(list(lines), offset)}), writer)
