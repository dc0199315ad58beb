import json

import pytest

from mockwb.backend.file_stream import HISTORY
from mockwb.backend.row_order import LineOrder, OrderedRows, RowOrder, order_of
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import Log, stream_lines


@pytest.fixture
def order(world: World, clock: VirtualClock) -> RowOrder:
    return RowOrder(world.store, clock)


def at(ordered: OrderedRows, places: range) -> list[float]:
    return [ordered.steps[place] for place in places]


async def test_given_nothing_new_then_the_order_is_not_worked_out_again(
    order: RowOrder, key: RunKey, log: Log
) -> None:
    await log({"x": 1}, {"x": 2})
    first = await order.of_run(key)
    assert await order.of_run(key) is first


async def test_given_new_or_changed_rows_then_they_are_seen(
    order: RowOrder, world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 1}, {"x": 2})
    await order.of_run(key)
    await log({"x": 3})
    await stream_lines(world, key, HISTORY, '{"_step": 0, "x": 99}')
    lines = (await order.of_run(key)).lines
    assert [json.loads(line)["x"] for line in lines] == [99, 2, 3]


async def test_given_a_gap_that_closes_then_the_row_is_seen_at_its_place(
    order: RowOrder, world: World, key: RunKey
) -> None:
    await stream_lines(world, key, HISTORY, '{"_step": 2}', offset=2)
    assert (await order.of_run(key)).steps == [2]
    await stream_lines(world, key, HISTORY, '{"_step": 0}', '{"_step": 1}')
    assert (await order.of_run(key)).steps == [0, 1, 2]


async def test_only_the_runs_read_last_are_remembered(
    order: RowOrder, world: World, key: RunKey
) -> None:
    first = await order.of_run(key)
    keys = []
    for number in range(4):
        fields = RunFields(entity="team", project="vision", name=f"other{number}")
        run, _ = await world.run_upsert.apply("ada", fields)
        keys.append(run.key)
    kept = [await order.of_run(other) for other in keys]
    assert [await order.of_run(other) for other in keys] == kept
    assert await order.of_run(key) is not first


async def test_steps_may_repeat_and_bounds_take_all_or_none_of_them(
    order: RowOrder, world: World, key: RunKey
) -> None:
    lines = [json.dumps({"_step": step}) for step in (3, 1, 1, 2)]
    await stream_lines(world, key, HISTORY, *lines)
    ordered = await order.of_run(key)
    assert at(ordered, ordered.between(None, None)) == [1, 1, 2, 3]
    assert at(ordered, ordered.between(1, 2)) == [1, 1, 2]
    assert at(ordered, ordered.before(None, 2)) == [1, 1]
    assert at(ordered, ordered.before(2, None)) == [2, 3]
    assert at(ordered, ordered.between(5, 9)) == []


@pytest.mark.parametrize(
    ("line", "step", "timestamp"),
    [
        ('{"_step": 3, "_timestamp": 1.5}', 3, 1.5),
        ('{"_step": 3, "x": NaN}', 3, None),
        ('{"_step": "3", "x": 1}', None, None),
        ("[]", None, None),
        ("{", None, None),
    ],
)
def test_a_line_is_asked_for_its_place(
    line: str, step: float | None, timestamp: float | None
) -> None:
    assert order_of(line) == LineOrder(step, timestamp)
