import json
from collections.abc import Sequence

import pytest

from mockwb.backend.file_stream import HISTORY
from mockwb.backend.row_order import LineOrder, Row, RowOrder, order_of
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import Log, stream_lines


@pytest.fixture
def order(world: World, clock: VirtualClock) -> RowOrder:
    return RowOrder(world.store, clock)


def steps(rows: Sequence[Row]) -> list[float]:
    return [row.step for row in rows]


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
    rows = (await order.of_run(key)).rows
    assert [json.loads(row.line)["x"] for row in rows] == [99, 2, 3]


async def test_given_a_gap_that_closes_then_the_row_is_seen_at_its_place(
    order: RowOrder, world: World, key: RunKey
) -> None:
    await stream_lines(world, key, HISTORY, '{"_step": 2}', offset=2)
    assert steps((await order.of_run(key)).rows) == [2]
    await stream_lines(world, key, HISTORY, '{"_step": 0}', '{"_step": 1}')
    assert steps((await order.of_run(key)).rows) == [0, 1, 2]


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
    assert steps(ordered.between(None, None)) == [1, 1, 2, 3]
    assert steps(ordered.between(1, 2)) == [1, 1, 2]
    assert steps(ordered.before(None, 2)) == [1, 1]
    assert steps(ordered.before(2, None)) == [2, 3]
    assert steps(ordered.between(5, 9)) == []


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
