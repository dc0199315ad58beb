import io
import json
from collections.abc import AsyncIterator

import pytest

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.file_stream import HISTORY, Update
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import CRASH_AFTER, Log, stream_lines

parquet = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
async def world(clock: VirtualClock) -> AsyncIterator[World]:
    """A world that exports."""
    store = MemoryStore(BlobStore(memory_threshold=100_000, max_size=1_000_000))
    yield World(store, clock, crash_after=CRASH_AFTER, parquet_history=True)
    await store.close()


async def finish(world: World, key: RunKey) -> None:
    await world.file_stream.apply(key, Update(complete=True, exitcode=0))


async def exported(world: World, key: RunKey) -> list[list[int]]:
    """Steps in each file."""
    found = []
    for path in await world.history_export.parts(key):
        content = b"".join([chunk async for chunk in world.store.read_blob("/".join(path))])
        found.append(parquet.read_table(io.BytesIO(content))["_step"].to_pylist())
    return found


async def test_given_a_run_that_goes_on_then_there_are_no_files(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 1})
    assert await exported(world, key) == []


async def test_given_a_run_that_ended_then_one_file_has_its_rows_in_order(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"_step": 2}, {"_step": 0}, {"_step": 1})
    await finish(world, key)
    assert await exported(world, key) == [[0, 1, 2]]
    assert await exported(world, key) == [[0, 1, 2]]


async def test_given_a_crashed_run_then_its_history_is_exported(
    world: World, key: RunKey, log: Log, clock: VirtualClock
) -> None:
    await log({"x": 1})
    await clock.advance(CRASH_AFTER + 1)
    assert await exported(world, key) == [[0]]


async def test_given_a_resumed_run_then_what_it_adds_is_a_file_of_its_own(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 1}, {"x": 2})
    await finish(world, key)
    await exported(world, key)
    await world.runs.start(key)
    await log({"x": 3})
    assert await exported(world, key) == []
    await finish(world, key)
    assert await exported(world, key) == [[0, 1], [2]]


async def test_given_earlier_rows_that_changed_then_only_pages_are_left(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 1}, {"x": 2})
    await finish(world, key)
    await exported(world, key)
    await stream_lines(world, key, HISTORY, json.dumps({"_step": 0, "x": 9}))
    assert await exported(world, key) == []


async def test_given_rows_that_no_file_can_hold_then_only_pages_are_left(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 1}, {"x": "text"})
    await finish(world, key)
    assert await exported(world, key) == []


async def test_given_no_history_then_there_is_nothing_to_export(world: World, key: RunKey) -> None:
    await finish(world, key)
    assert await exported(world, key) == []
