from typing import Any

import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.run_queue import Complaint, ItemState, RunQueue
from mockwb.backend.run_queue_configs import ConfigText
from mockwb.backend.run_queue_items import LEASE_SECONDS
from mockwb.backend.run_queues import QueuePath
from mockwb.backend.world import World
from mockwb.clock import VirtualClock

PATH = QueuePath("team", "model-registry", "q")


@pytest.fixture
async def queue(world: World) -> RunQueue:
    return await world.run_queues.create(PATH, "ada", "PROJECT")


async def push(world: World, queue: RunQueue, name: str, priority: int | None = None) -> str:
    item = await world.run_queue_items.push(queue, "ada", {"name": name}, priority=priority)
    return item.id


async def pop(world: World, queue: RunQueue) -> Any:
    item = await world.run_queue_items.pop(queue, None)
    return None if item is None else item.run_spec["name"]


async def test_without_priorities_the_oldest_comes_first(world: World, queue: RunQueue) -> None:
    for name in ("a", "b"):
        await push(world, queue, name)
    assert [await pop(world, queue) for _ in range(3)] == ["a", "b", None]
    with pytest.raises(InvalidError, match="has no priorities"):
        await push(world, queue, "c", priority=1)
    await push(world, queue, "usual", priority=2)
    assert await pop(world, queue) == "usual"


async def test_with_priorities_the_most_urgent_comes_first(world: World) -> None:
    queue = await world.run_queues.create(PATH, "ada", "PROJECT", "V0")
    for name, priority in (("low", 3), ("plain", None), ("medium", 2), ("top", 0)):
        await push(world, queue, name, priority)
    assert [await pop(world, queue) for _ in range(4)] == ["top", "plain", "medium", "low"]
    with pytest.raises(InvalidError, match="priority must be from 0 to 3, got 4"):
        await push(world, queue, "c", priority=4)


async def test_priorities_that_are_switched_off_count_no_more(world: World) -> None:
    queue = await world.run_queues.create(PATH, "ada", "PROJECT", "V0")
    for name, priority in (("first", 3), ("urgent", 0)):
        await push(world, queue, name, priority)
    told = ConfigText("kubernetes", "{}", None)
    queue, _errors = await world.run_queues.upsert(PATH, "ada", told, "DISABLED", None)
    assert await pop(world, queue) == "first"


async def test_an_item_that_nobody_acknowledges_goes_back(
    world: World, queue: RunQueue, clock: VirtualClock
) -> None:
    items = world.run_queue_items
    item_id = await push(world, queue, "a")
    await pop(world, queue)
    await clock.advance(LEASE_SECONDS - 1)
    assert (await items.get(item_id)).state is ItemState.LEASED
    assert await pop(world, queue) is None
    await clock.advance(1)
    late = await items.get(item_id)
    assert late.state is ItemState.PENDING
    assert not await items.acknowledge(late, "r1")
    assert await pop(world, queue) == "a"
    assert await items.acknowledge(await items.get(item_id), "r2")
    await clock.advance(LEASE_SECONDS)
    claimed = await items.get(item_id)
    assert (claimed.state, claimed.run) == (ItemState.CLAIMED, "r2")
    assert not await items.acknowledge(claimed, "r3")
    assert await pop(world, queue) is None


async def test_a_failed_item_keeps_its_first_error_and_all_warnings(
    world: World, queue: RunQueue
) -> None:
    items = world.run_queue_items
    item_id = await push(world, queue, "a")
    for message in ("slow", "slower"):
        await items.warn(await items.get(item_id), Complaint(message=message, stage="agent"))
    for message in ("no image", "again"):
        await items.fail(await items.get(item_id), Complaint(message=message, stage="run"))
    failed = await items.get(item_id)
    assert failed.state is ItemState.FAILED
    assert failed.error == Complaint(message="no image", stage="run")
    assert [warning.message for warning in failed.warnings] == ["slow", "slower"]
    assert await pop(world, queue) is None


async def test_resource_arguments_of_the_spec_stand_in_for_those_of_the_queue(
    world: World,
) -> None:
    told = ConfigText("kubernetes", '{"resource_args": {"kubernetes": {"n": 1}}}', None)
    queue, _errors = await world.run_queues.upsert(PATH, "ada", told, None, None)
    items = world.run_queue_items
    plain = await items.push(queue, "ada", {"resource": None, "resource_args": {"other": {}}})
    assert plain.run_spec == {
        "resource": "kubernetes",
        "resource_args": {"other": {}, "kubernetes": {"n": 1}},
    }
    own = {"resource_args": {"kubernetes": {"m": 2}}}
    assert (await items.push(queue, "ada", own)).run_spec["resource_args"] == own["resource_args"]


async def test_a_deleted_item_is_gone(world: World, queue: RunQueue) -> None:
    item_id = await push(world, queue, "a")
    await world.run_queue_items.delete(await world.run_queue_items.get(item_id))
    assert await pop(world, queue) is None
    with pytest.raises(NotFoundError):
        await world.run_queue_items.get(item_id)
    assert await world.run_queue_items.find("nonsense") is None
