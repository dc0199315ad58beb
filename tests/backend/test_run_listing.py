import json

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS, HISTORY, SUMMARY, Update
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import stream_lines


@pytest.fixture
async def runs(world: World, clock: VirtualClock) -> None:
    """Three runs: a finished one, a running one, and one that says nothing of itself."""
    for name, lr, accuracy in (("a", 0.1, 0.5), ("b", 0.2, 0.9)):
        config = json.dumps({"lr": {"value": lr}, "opt": {"value": {"name": f"opt-{name}"}}})
        fields = RunFields(entity="team", project="p", name=name, config=config, tags=(name, "x"))
        run, _ = await world.run_upsert.apply("ada", fields)
        summary = json.dumps({"val": {"acc": accuracy}, "_wandb": {"runtime": accuracy * 10}})
        await stream_lines(world, run.key, SUMMARY, summary)
        await stream_lines(world, run.key, HISTORY, json.dumps({"_step": 0, f"only-{name}": 1}))
        await stream_lines(world, run.key, EVENTS, json.dumps({"system.cpu": accuracy}))
        await clock.advance(10)
    await world.file_stream.apply(RunKey("team", "p", "a"), Update(complete=True, exitcode=0))
    await world.run_upsert.apply("bob", RunFields(entity="team", project="p", name="c"))


async def names(world: World, filters: object = None, order: str | None = "+created_at") -> str:
    text = None if filters is None else json.dumps(filters)
    found = await world.run_listing.select("team", "p", text, order)
    return "".join(run.name for run in found)


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (None, "abc"),
        ({"name": "b"}, "b"),
        ({"state": "finished"}, "a"),
        ({"state": {"$in": ["finished", "running"]}}, "abc"),
        ({"tags": "x"}, "ab"),
        ({"tags.b": {"$exists": True}}, "b"),
        ({"config.lr": 0.1}, "a"),
        ({"config.lr.value": {"$gt": 0.1}}, "b"),
        ({"config.opt.name": "opt-a"}, "a"),
        ({"config.opt.value.name": "opt-b"}, "b"),
        ({"summary_metrics.val.acc": {"$gte": 0.9}}, "b"),
        ({"summary.val.acc": {"$gte": 0.9}}, ""),
        ({"keys_info.keys.only-a": {"$exists": True}}, "a"),
        ({"system_metrics.system.cpu": {"$lt": 0.6}}, "a"),
        ({"duration": {"$gt": 6}}, "b"),
        ({"username": "bob"}, "c"),
        ({"createdAt": {"$gt": "2026-01-01T00:00:05Z"}}, "bc"),
        ({"id": "a"}, ""),
    ],
)
async def test_runs_are_found_by_what_wandb_calls_it(
    world: World, filters: object, found: str
) -> None:
    assert await names(world, filters) == found


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("+created_at", "abc"),
        ("-created_at", "cba"),
        ("created_at", "abc"),
        (None, "cba"),
        ("-summary_metrics.val.acc", "bac"),
        ("+summary_metrics.val.acc", "abc"),
        ("-config.lr.value", "bac"),
        ("-name", "cba"),
        ("+nonsense", "abc"),
    ],
)
async def test_runs_without_the_key_of_the_order_come_last(
    world: World, order: str | None, found: str
) -> None:
    assert await names(world, order=order) == found


@pytest.mark.usefixtures("runs")
async def test_lists_follow_what_happens_to_runs(world: World, clock: VirtualClock) -> None:
    assert await names(world, {"state": "running"}) == "bc"
    assert await names(world, {"tags": "x"}) == "ab"
    changed = RunFields(id=RunKey("team", "p", "c").storage_id, tags=("x",), config="{}")
    await world.run_upsert.apply("ada", changed)
    assert await names(world, {"tags": "x"}) == "abc"
    await world.file_stream.apply(RunKey("team", "p", "b"), Update(complete=True, exitcode=1))
    assert await names(world, {"state": "running"}) == "c"
    assert await names(world, {"state": {"$ne": "running"}}, "-summary_metrics.val.acc") == "ba"
    await clock.advance(301)
    assert await names(world, {"state": "crashed"}) == "c"
    await world.run_removal.remove(RunKey("team", "p", "a"))
    assert await names(world) == "bc"
    await world.run_upsert.apply("ada", RunFields(entity="team", project="p", name="a"))
    assert await names(world) == "bca"
    assert await names(world, {"config.lr": {"$gt": 0}}) == "b"
    assert await world.run_listing.count("team", "p", '{"state": "running"}') == 1


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("key", ["created_at", "createdAt", "heartbeat_at", "updated_at"])
@pytest.mark.parametrize("condition", [5, {"$gt": 5}, {"$in": ["2026-01-01", 5]}])
async def test_dates_compare_with_no_number(world: World, key: str, condition: object) -> None:
    with pytest.raises(InvalidError, match=f"{key} is a date"):
        await names(world, {"$and": [{"name": "a"}, {"$not": {key: condition}}]})
    assert await names(world, {key: {"$exists": 1}}) == "abc"


async def test_special_floats_are_ordered_as_numbers_and_nan_comes_last(world: World) -> None:
    for name, value in (("a", "NaN"), ("b", "Infinity"), ("c", 1), ("d", "-Infinity"), ("e", "t")):
        summary = json.dumps({"x": value})
        fields = RunFields(entity="team", project="p", name=name, summary=summary)
        await world.run_upsert.apply("ada", fields)
    assert await names(world, None, "+summary_metrics.x") == "dcbea"
    assert await names(world, None, "-summary_metrics.x") == "ebcda"


@pytest.mark.usefixtures("runs")
async def test_a_list_reads_like_any_sequence(world: World) -> None:
    found = await world.run_listing.select("team", "p", '{"tags": "x"}', "+name")
    assert [found[-1].name, found[0].name, len(found)] == ["b", "a", 2]
    assert [run.name for run in found[:1]] == ["a"]
    with pytest.raises(IndexError):
        found[2]
