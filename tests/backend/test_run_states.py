import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.file_stream import HISTORY, Chunk, Update
from mockwb.backend.run import RunKey, RunState
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import CRASH_AFTER


@pytest.mark.parametrize(
    ("exit_code", "state"), [(0, "finished"), (1, "failed"), (None, "finished")]
)
async def test_the_finish_mark_ends_a_run_by_its_exit_code(
    world: World, key: RunKey, exit_code: int | None, state: str
) -> None:
    await world.file_stream.apply(key, Update(complete=True, exitcode=exit_code))
    assert await world.runs.state(key) == state


async def test_a_run_that_falls_silent_counts_as_crashed_until_it_speaks(
    world: World, key: RunKey, clock: VirtualClock
) -> None:
    await clock.advance(CRASH_AFTER)
    assert await world.runs.state(key) is RunState.RUNNING
    await clock.advance(1)
    assert await world.runs.state(key) is RunState.CRASHED
    await world.file_stream.apply(key, Update())
    assert await world.runs.state(key) is RunState.RUNNING


async def test_a_preempted_run_is_no_crash(world: World, key: RunKey, clock: VirtualClock) -> None:
    await world.file_stream.apply(key, Update(preempting=True))
    assert await world.runs.state(key) is RunState.PREEMPTING
    await clock.advance(CRASH_AFTER + 1)
    assert await world.runs.state(key) is RunState.PREEMPTED


async def test_a_preempting_run_that_ends_badly_was_preempted(world: World, key: RunKey) -> None:
    await world.file_stream.apply(key, Update(preempting=True))
    await world.file_stream.apply(key, Update(complete=True, exitcode=1))
    assert await world.runs.state(key) is RunState.PREEMPTED


async def test_a_stopped_run_hears_of_it_and_ends_as_killed(world: World, key: RunKey) -> None:
    assert await world.runs.request_stop(key)
    assert (await world.file_stream.apply(key, Update())).stopped
    await world.file_stream.apply(key, Update(complete=True, exitcode=255))
    assert await world.runs.state(key) is RunState.KILLED
    assert not await world.runs.request_stop(key)


@pytest.mark.parametrize(
    ("former", "state"),
    [("running", "pending"), ("failed", "pending"), ("pending", "failed"), ("running", "failed")],
)
async def test_somebody_outside_may_requeue_a_run_or_give_it_up(
    world: World, key: RunKey, former: str, state: str
) -> None:
    await world.runs.start(key, RunState(former))
    await world.runs.change_state(key, state)
    assert await world.runs.state(key) == state


@pytest.mark.parametrize(
    ("former", "state"),
    [("finished", "pending"), ("finished", "failed"), ("running", "finished"), ("killed", "?")],
)
async def test_other_changes_of_state_are_refused(
    world: World, key: RunKey, former: str, state: str
) -> None:
    await world.runs.start(key, RunState(former))
    with pytest.raises(InvalidError, match="invalid state transition"):
        await world.runs.change_state(key, state)
    assert await world.runs.state(key) == former


async def test_the_state_of_a_sweep_run_is_the_sweeps(world: World, key: RunKey) -> None:
    await world.run_upsert.apply("ada", RunFields(id=key.storage_id, sweep="abc12345"))
    with pytest.raises(InvalidError, match="sweep"):
        await world.runs.change_state(key, "failed")


async def test_a_deleted_run_leaves_nothing_behind(world: World, key: RunKey) -> None:
    writer = world.store.blob_writer("runs/team/vision/r1/f")
    await writer.write(b"x")
    await world.run_files.stored(key, "f", await writer.commit())
    update = Update(files={HISTORY: Chunk(["{}"])}, uploaded=["f"])
    await world.file_stream.apply(key, update)
    await world.run_removal.remove(key)
    assert await world.runs.find(key) is None
    assert await world.runs.of_project("team", "vision") == []
    assert await world.run_files.all(key) == []
    assert await world.store.line_files(*key) == []
    assert await world.store.blob_info("runs/team/vision/r1/f") is None
    assert await world.runs.uploaded(key) == []
    assert [state async for state in world.runs.states()] == []


async def test_what_never_was_cannot_be_deleted_or_stopped(world: World) -> None:
    nowhere = RunKey("team", "vision", "no")
    for attempt in (world.run_removal.remove, world.runs.request_stop, world.runs.state):
        with pytest.raises(NotFoundError, match="run team/vision/no not found"):
            await attempt(nowhere)


async def test_numbers_of_deleted_runs_are_not_used_again(world: World, key: RunKey) -> None:
    await world.run_removal.remove(key)
    run, inserted = await world.run_upsert.apply(
        "ada", RunFields(entity="team", project="vision", name="r1")
    )
    assert inserted
    assert run.number == 2
