import json

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.file_stream import EVENTS, HISTORY, OUTPUT, SUMMARY, Update
from mockwb.backend.rewind import check_metric
from mockwb.backend.run import RunKey, RunState
from mockwb.backend.world import World
from tests.backend.conftest import Log, stream_lines


async def test_a_rewound_run_keeps_rows_up_to_the_step_and_runs_again(
    world: World, key: RunKey, log: Log
) -> None:
    await log(*[{"loss": 10 - i} for i in range(5)], {"extra": 1})
    await stream_lines(world, key, SUMMARY, '{"loss": 6, "extra": 1, "_step": 5}')
    await stream_lines(world, key, EVENTS, "{}")
    await stream_lines(world, key, OUTPUT, "text")
    await world.file_stream.apply(key, Update(complete=True, exitcode=0))

    run = await world.rewind.apply(key, 2)

    assert run is not None
    assert run.key == key
    assert [json.loads(row)["_step"] for row in await world.history.rows(key)] == [0, 1, 2]
    assert await world.history.count(key, HISTORY) == 3
    assert await world.summaries.values(key) == {"_step": 2, "loss": 8}
    assert await world.history.events(key) == []
    assert (await world.console.forward(key, None, None)).lines == []
    assert await world.runs.state(key) is RunState.RUNNING


async def test_a_run_that_never_was_cannot_be_rewound(world: World) -> None:
    assert await world.rewind.apply(RunKey("team", "vision", "no"), 2) is None


def test_runs_are_rewound_by_step_only() -> None:
    check_metric("_step")
    with pytest.raises(InvalidError, match="not by loss"):
        check_metric("loss")
