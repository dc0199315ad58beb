import json

import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.file_stream import HISTORY, OUTPUT, SUMMARY, Chunk, Update
from mockwb.backend.run import RunKey
from mockwb.backend.store import LineFile
from mockwb.backend.world import World
from mockwb.clock import VirtualClock


def history(start: int, *values: object) -> Update:
    lines = [json.dumps({"_step": start + i, "x": value}) for i, value in enumerate(values)]
    return Update(files={HISTORY: Chunk(lines, start)})


async def test_a_chunk_sent_again_changes_nothing(world: World, key: RunKey) -> None:
    first = await world.file_stream.apply(key, history(0, 1, 2))
    again = await world.file_stream.apply(key, history(0, 1, 2))
    assert (first.files[HISTORY].added, first.values) == (2, 2)
    assert (again.files[HISTORY].added, again.files[HISTORY].repeated, again.values) == (0, 2, 0)
    assert len(await world.history.rows(key)) == 2


async def test_of_an_overlapping_chunk_only_the_new_rows_count(world: World, key: RunKey) -> None:
    await world.file_stream.apply(key, history(0, 1, 2))
    applied = await world.file_stream.apply(key, history(1, 2, {"deep": 1, "er": 2}))
    assert (applied.files[HISTORY].added, applied.values) == (1, 2)


async def test_console_lines_are_replaced_by_number(world: World, key: RunKey) -> None:
    for lines, offset in ((["0%", "text"], 0), (["100%"], 0)):
        await world.file_stream.apply(key, Update(files={OUTPUT: Chunk(lines, offset)}))
    file = LineFile(*key, "", OUTPUT)
    assert await world.store.read_lines(file) == ["100%", "text"]


@pytest.mark.parametrize("offset", [0, 7])
async def test_the_summary_is_replaced_whole_at_any_offset(
    world: World, key: RunKey, offset: int
) -> None:
    for line in ('{"a": 1}', '{"b": 2}'):
        await world.file_stream.apply(key, Update(files={SUMMARY: Chunk([line], offset)}))
    assert await world.store.read_lines(LineFile(*key, "", SUMMARY)) == ['{"b": 2}']


async def test_a_broken_row_is_named_and_nothing_of_the_request_is_stored(
    world: World, key: RunKey
) -> None:
    files = {OUTPUT: Chunk(["text"]), HISTORY: Chunk(['{"a": 1}', "{"], 4)}
    with pytest.raises(InvalidError, match=rf"{HISTORY}: line 5: not valid JSON"):
        await world.file_stream.apply(key, Update(files=files))
    assert await world.store.line_files(*key) == []


async def test_an_empty_request_is_a_heartbeat(
    world: World, key: RunKey, clock: VirtualClock
) -> None:
    await clock.advance(40)
    await world.file_stream.apply(key, Update())
    assert (await world.runs.progress_of(key)).heartbeat_at == clock.wall()


async def test_finished_uploads_are_remembered(world: World, key: RunKey) -> None:
    await world.file_stream.apply(key, Update(uploaded=["a", "b"]))
    await world.file_stream.apply(key, Update(uploaded=["b"]))
    assert await world.runs.uploaded(key) == ["a", "b"]


async def test_the_finish_mark_may_come_again(world: World, key: RunKey) -> None:
    for _ in range(2):
        applied = await world.file_stream.apply(key, Update(complete=True, exitcode=0))
        assert applied.completed
    assert await world.runs.state(key) == "finished"


async def test_a_run_that_never_was_takes_nothing(world: World) -> None:
    with pytest.raises(NotFoundError, match="run team/vision/no not found"):
        await world.file_stream.apply(RunKey("team", "vision", "no"), history(0, 1))
