import json

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS, HISTORY
from mockwb.backend.history import HistorySpec, parse_spec
from mockwb.backend.run import RunKey
from mockwb.backend.world import World
from tests.backend.conftest import Log, stream_lines


def steps(rows: list[str]) -> list[int]:
    return [json.loads(row)["_step"] for row in rows]


async def test_given_no_history_then_there_is_nothing_to_read(world: World, key: RunKey) -> None:
    assert await world.history.rows(key) == []
    assert await world.history.keys(key) is None
    assert await world.history.first_step(key) is None
    assert await world.history.tail(key, HISTORY) is None
    assert await world.history.count(key, HISTORY) == 0


async def test_rows_come_back_as_they_were_logged(world: World, key: RunKey, log: Log) -> None:
    await log({"val": {"acc": 1, "deep": {"x": 2}}, "img": {"_type": "image-file", "path": "p"}})
    (row,) = await world.history.rows(key)
    assert json.loads(row) == {
        "_step": 0,
        "val": {"acc": 1, "deep": {"x": 2}},
        "img": {"_type": "image-file", "path": "p"},
    }


async def test_a_window_of_rows_excludes_its_last_step(world: World, key: RunKey, log: Log) -> None:
    await log(*[{"loss": i} for i in range(10)])
    assert steps(await world.history.rows(key, min_step=3, max_step=6)) == [3, 4, 5]


async def test_samples_are_spread_evenly_with_first_and_last(
    world: World, key: RunKey, log: Log
) -> None:
    await log(*[{"loss": i} for i in range(101)])
    assert steps(await world.history.rows(key, samples=5)) == [0, 25, 50, 75, 100]


async def test_given_no_number_of_samples_then_500_rows_come(
    world: World, key: RunKey, log: Log
) -> None:
    await log(*[{"loss": i} for i in range(501)])
    assert len(await world.history.rows(key)) == 500


async def test_special_floats_come_back_as_strings(world: World, key: RunKey, log: Log) -> None:
    await log('{"_step": 0, "a": NaN, "b": {"c": [Infinity, -Infinity, 1.5]}}')
    (row,) = await world.history.rows(key)
    assert json.loads(row) == {"_step": 0, "a": "NaN", "b": {"c": ["Infinity", "-Infinity", 1.5]}}


async def test_rows_of_several_writers_come_in_order_of_step(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"who": "a"}, {"who": "a"}, writer="a")
    await log({"who": "b"}, {"who": "b"}, writer="b")
    rows = [json.loads(row) for row in await world.history.rows(key)]
    assert [(row["_step"], row["who"]) for row in rows] == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]
    assert await world.history.count(key, HISTORY) == 4
    assert await world.history.count(key, HISTORY, "b") == 2


async def test_given_writers_at_the_same_steps_then_a_page_holds_the_rows_of_both(
    world: World, key: RunKey, log: Log
) -> None:
    for who in "ab":
        await log(*[{"who": who}] * 3, writer=who)
    page = await world.history.rows(key, samples=3, min_step=0, max_step=3)
    assert steps(page) == [0, 0, 1, 1, 2, 2]
    spec = HistorySpec(keys=["_step", "who"], samples=2, min_step=1, max_step=2)
    chosen = await world.history.chosen_keys(key, spec)
    assert [(row["_step"], row["who"]) for row in chosen] == [
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (2, "b"),
    ]


async def test_given_writers_that_name_no_steps_then_rows_are_numbered_by_time(
    world: World, key: RunKey, log: Log
) -> None:
    await log('{"_timestamp": 1, "x": 1}', '{"_timestamp": 4, "x": 4}', writer="a")
    await log('{"_timestamp": 2, "x": 2}', writer="b")
    rows = [json.loads(row) for row in await world.history.rows(key)]
    assert [(row["_step"], row["x"]) for row in rows] == [(0, 1), (1, 2), (2, 4)]
    chosen = await world.history.chosen_keys(key, HistorySpec(keys=["_step", "x"], max_step=1))
    assert chosen == [{"_step": 0, "x": 1}, {"_step": 1, "x": 2}]


async def test_chosen_keys_come_from_rows_that_hold_all_of_them(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"loss": 1}, {"loss": 2, "val": {"acc": 0.5}}, {"val": {"acc": 0.6}, "loss": 3})
    found = await world.history.chosen_keys(key, HistorySpec(keys=["_step", "loss", "val.acc"]))
    assert found == [
        {"_step": 1, "loss": 2, "val.acc": 0.5},
        {"_step": 2, "loss": 3, "val.acc": 0.6},
    ]


async def test_both_steps_of_a_spec_are_inclusive(world: World, key: RunKey, log: Log) -> None:
    await log(*[{"loss": i} for i in range(10)])
    found = await world.history.chosen_keys(
        key, HistorySpec(keys=["_step"], min_step=2, max_step=4)
    )
    assert found == [{"_step": 2}, {"_step": 3}, {"_step": 4}]


async def test_a_spec_without_keys_chooses_nothing(world: World, key: RunKey, log: Log) -> None:
    await log({"loss": 1})
    assert await world.history.chosen_keys(key, parse_spec("{}")) == []


def test_a_spec_is_read_by_its_names_on_the_wire() -> None:
    spec = parse_spec('{"keys": ["a"], "samples": 7, "minStep": 1, "maxStep": 2}')
    assert spec == HistorySpec(keys=["a"], samples=7, min_step=1, max_step=2)


@pytest.mark.parametrize("text", ["{", "[]", '{"keys": "loss"}'])
def test_given_a_broken_spec_then_it_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="history spec"):
        parse_spec(text)


async def test_the_tail_is_the_last_line_of_the_writer(world: World, key: RunKey, log: Log) -> None:
    await log({"x": 1}, {"x": 2})
    await log({"x": 9}, writer="b")
    assert json.loads(await world.history.tail(key, HISTORY) or "")["x"] == 2
    assert json.loads(await world.history.tail(key, HISTORY, "b") or "")["x"] == 9


async def test_lines_still_missing_are_counted_and_not_read(world: World, key: RunKey) -> None:
    await stream_lines(world, key, HISTORY, '{"_step": 5}', offset=5)
    assert await world.history.count(key, HISTORY) == 6
    assert steps(await world.history.rows(key)) == [5]


async def test_system_metrics_come_in_order_of_time(world: World, key: RunKey) -> None:
    await stream_lines(world, key, EVENTS, '{"_timestamp": 3, "system.cpu": 30}', writer="a")
    await stream_lines(world, key, EVENTS, '{"_timestamp": 1, "system.cpu": 10}', writer="b")
    events = [json.loads(line)["system.cpu"] for line in await world.history.events(key)]
    assert events == [10, 30]
    assert json.loads(await world.history.latest_event(key) or "")["system.cpu"] == 30


async def test_system_metrics_that_cannot_be_read_are_left_out(world: World, key: RunKey) -> None:
    await stream_lines(world, key, EVENTS, "no json", '{"system.cpu": 30}', "[]")
    assert await world.history.events(key) == ['{"system.cpu": 30}']
