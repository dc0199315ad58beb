import json

from mockwb.backend.file_stream import SUMMARY
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from tests.backend.conftest import stream_lines


async def test_before_anything_was_said_there_is_none(world: World, key: RunKey) -> None:
    assert await world.summaries.text(key) is None
    assert await world.summaries.values(key) == {}


async def test_whatever_came_last_is_the_summary(world: World, key: RunKey) -> None:
    await stream_lines(world, key, SUMMARY, '{"acc": 1}')
    await stream_lines(world, key, SUMMARY, '{"acc": 2}')
    assert await world.summaries.values(key) == {"acc": 2}
    await world.summaries.put(key, '{"best": 3}')
    assert await world.summaries.text(key) == '{"best": 3}'
    await stream_lines(world, key, SUMMARY, '{"acc": 4}')
    assert await world.summaries.values(key) == {"acc": 4}


async def test_summaries_of_several_writers_are_put_together(world: World, key: RunKey) -> None:
    await stream_lines(world, key, SUMMARY, '{"a": 1, "both": 1}', writer="a")
    await stream_lines(world, key, SUMMARY, '{"b": 2, "both": 2}', writer="b")
    assert json.loads(await world.summaries.text(key) or "") == {"a": 1, "b": 2, "both": 2}
    await world.summaries.put(key, "{}")
    assert await world.summaries.values(key) == {}


async def test_special_floats_are_readable_by_strict_parsers(world: World, key: RunKey) -> None:
    await stream_lines(world, key, SUMMARY, '{"a": NaN, "b": -Infinity}')
    assert await world.summaries.text(key) == '{"a":"NaN","b":"-Infinity"}'


async def test_a_broken_line_says_nothing(world: World, key: RunKey) -> None:
    await stream_lines(world, key, SUMMARY, "no json")
    assert await world.summaries.values(key) == {}
    assert await world.summaries.text(key) == "{}"
