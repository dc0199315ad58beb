"""Agents carry out sweeps: what each is told, and what becomes of the runs."""

import asyncio
import json
from typing import Any

import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.run import RunKey, RunState
from mockwb.backend.sweep import Sweep, SweepState
from mockwb.backend.sweep_agents import Agent
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from tests.backend.conftest import CRASH_AFTER
from tests.backend.sweeping import GRID, beat, change, current, finish, join, log, make, start


async def run_of(world: World, agent: Agent) -> str:
    """The run that the agent is told to start."""
    command = await beat(world, agent)
    assert command is not None
    assert command["type"] == "run"
    return str(command["run_id"])


async def carried_out(world: World, sweep: Sweep, agent: Agent) -> list[Any]:
    """Let the agent do all that it is told; the learning rates it had."""
    done = []
    while (command := await beat(world, agent)) != {"type": "exit"}:
        assert command is not None
        done.append(command["args"]["lr"]["value"])
        await finish(world, await start(world, sweep, command["run_id"]))
    return done


async def test_given_a_grid_then_an_agent_gets_every_point_and_is_sent_home(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    assert await carried_out(world, sweep, agent) == [1, 2, 3]
    assert (await current(world, sweep.key)).state is SweepState.FINISHED
    runs = await world.sweeps.runs.of_agent(sweep.key, agent.id)
    assert [run.sweep for run in runs] == [sweep.name] * 3


async def test_given_a_run_for_an_agent_then_it_is_there_and_pending(world: World) -> None:
    sweep = await make(world, GRID | {"program": "train.py"})
    command = await beat(world, await join(world, sweep))
    assert command is not None
    assert (command["program"], command["args"]) == ("train.py", {"lr": {"value": 1}})
    key = RunKey("team", "vision", command["run_id"])
    assert await world.runs.state(key) is RunState.PENDING
    assert json.loads((await world.runs.get(key)).config or "") == {"lr": {"value": 1}}
    await start(world, sweep, key.name)
    assert await world.runs.state(key) is RunState.RUNNING
    assert (await world.runs.get(key)).sweep == sweep.name


async def test_given_many_agents_at_once_then_no_point_is_given_twice(world: World) -> None:
    sweep = await make(world, GRID | {"parameters": {"lr": {"values": list(range(20))}}})
    agents = [await join(world, sweep) for _ in range(30)]
    told = await asyncio.gather(*[beat(world, agent) for agent in agents])
    given = [command["args"]["lr"]["value"] for command in told if command and "args" in command]
    assert sorted(given) == list(range(20))


async def test_given_a_live_run_then_the_agent_gets_no_other(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    assert await beat(world, agent, await run_of(world, agent)) is None


async def test_given_a_cap_then_there_are_no_more_runs(world: World) -> None:
    sweep = await make(world, GRID | {"run_cap": 2})
    assert await carried_out(world, sweep, await join(world, sweep)) == [1, 2]


async def test_given_prior_runs_then_a_grid_leaves_their_points_out(world: World) -> None:
    first = await make(world)
    name = await run_of(world, await join(world, first))
    sweep = await make(world, prior_runs=json.dumps({"$or": [{"name": name}]}))
    assert await carried_out(world, sweep, await join(world, sweep)) == [2, 3]
    assert len(await world.sweeps.runs.of_sweep(sweep.key)) == 2


async def test_given_a_deleted_run_then_its_point_is_given_again(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    await world.run_removal.remove(RunKey("team", "vision", await run_of(world, agent)))
    assert await carried_out(world, sweep, agent) == [1, 2, 3]


async def test_given_a_preempted_run_then_an_agent_goes_on_with_it(world: World) -> None:
    sweep = await make(world)
    name = await run_of(world, await join(world, sweep))
    key = await start(world, sweep, name)
    progress = await world.runs.progress_of(key)
    preempting = type(progress)(
        state=RunState.PREEMPTING, heartbeat_at=progress.heartbeat_at, exit_code=None
    )
    await world.runs.put_progress(key, preempting)
    await finish(world, key, exit_code=1)
    command = await beat(world, await join(world, sweep))
    assert command is not None
    assert (command["type"], command["run_id"]) == ("resume", name)


async def test_given_a_pause_then_agents_wait_until_it_is_over(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    name = await run_of(world, agent)
    await change(world, sweep, state="PAUSED")
    assert await beat(world, agent, name) is None
    assert await beat(world, agent) is None
    await change(world, sweep, state="RUNNING")
    assert await run_of(world, agent) != name


async def test_given_a_stop_then_live_runs_end_and_agents_go_home(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    name = await run_of(world, agent)
    await change(world, sweep, state="FINISHED")
    assert await beat(world, agent, name) is None
    assert await beat(world, agent) == {"type": "exit"}


async def test_given_a_cancellation_then_live_runs_are_killed(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    key = await start(world, sweep, await run_of(world, agent))
    assert await beat(world, agent, key.name) is None
    waiting = await world.sweeps.upsert.enqueue("ada", sweep.key, {}, None)
    await change(world, sweep, state="CANCELED")
    assert await beat(world, agent, key.name) == {"type": "stop", "run_id": key.name}
    assert await beat(world, agent) == {"type": "exit"}
    for name in (key.name, waiting):
        assert await world.runs.state(RunKey("team", "vision", name)) is RunState.KILLED


async def test_given_a_run_that_somebody_stops_then_its_agent_is_told(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    key = await start(world, sweep, await run_of(world, agent))
    await world.runs.request_stop(key)
    assert await beat(world, agent, key.name) == {"type": "stop", "run_id": key.name}


@pytest.mark.parametrize(
    ("former", "state"),
    [("FINISHED", "PAUSED"), ("CANCELED", "FINISHED"), ("PENDING", "PAUSED"), ("PAUSED", "x")],
)
async def test_given_a_state_that_cannot_follow_then_nothing_changes(
    world: World, former: str, state: str
) -> None:
    sweep = await make(world, state=former)
    with pytest.raises(InvalidError, match="state"):
        await change(world, sweep, state=state, display_name="new")
    assert await current(world, sweep.key) == sweep


async def test_given_an_end_then_a_sweep_can_be_resumed_but_ends_only_once(world: World) -> None:
    sweep = await make(world)
    for state in ("FINISHED", "FINISHED", "RUNNING", "CANCELED"):
        assert (await change(world, sweep, state=state)).state == state


async def test_given_hyperband_then_the_run_that_falls_behind_is_stopped(world: World) -> None:
    hyperband = {"type": "hyperband", "min_iter": 2, "eta": 2}
    sweep = await make(world, GRID | {"metric": {"name": "loss"}, "early_terminate": hyperband})
    agents = [await join(world, sweep) for _ in range(3)]
    keys = [await start(world, sweep, await run_of(world, agent)) for agent in agents]
    for key, loss in zip(keys, (1.0, 2.0, 9.0), strict=True):
        await log(world, key, [loss, loss])
    told = [await beat(world, agent, key.name) for agent, key in zip(agents, keys, strict=True)]
    assert told == [None, None, {"type": "stop", "run_id": keys[2].name}]
    made = await world.sweeps.runs.find(sweep.key, keys[2].name)
    assert made is not None
    assert made.stopped_early
    await finish(world, keys[2], exit_code=143)
    assert await world.runs.state(keys[2]) is RunState.KILLED


async def test_given_ended_runs_then_the_best_of_their_metric_is_known(world: World) -> None:
    sweep = await make(world, GRID | {"metric": {"name": "loss", "goal": "maximize"}})
    assert await world.sweeps.planner.best(sweep) is None
    agent = await join(world, sweep)
    for loss in (1.0, 3.0):
        key = await start(world, sweep, await run_of(world, agent))
        await log(world, key, [loss])
        await finish(world, key)
    assert await world.sweeps.planner.best(sweep) == 3.0


async def test_given_an_enqueued_run_then_it_comes_before_the_search(world: World) -> None:
    sweep = await make(world)
    name = await world.sweeps.upsert.enqueue("ada", sweep.key, {"lr": {"value": 2}}, "mine")
    agent = await join(world, sweep)
    assert await run_of(world, agent) == name
    assert await carried_out(world, sweep, agent) == [1, 3]


async def test_given_a_local_controller_then_runs_come_from_it_alone(world: World) -> None:
    sweep = await make(world, GRID | {"controller": {"type": "local"}})
    agent = await join(world, sweep)
    assert await beat(world, agent) is None
    wish = {"id": "k1", "data": {"args": {"lr": {"value": 5}}}}
    for _ in range(2):  # wishes are repeated until they are seen to be met
        sweep = await change(world, sweep, controller=json.dumps({"schedule": [wish]}))
    (scheduled,) = json.loads(sweep.scheduler or "")["scheduled"]
    assert scheduled["id"] == "k1"
    assert await run_of(world, agent) == scheduled["runid"]
    key = await start(world, sweep, scheduled["runid"])
    await change(world, sweep, controller=json.dumps({"earlystop": [key.name]}))
    assert await beat(world, agent, key.name) == {"type": "stop", "run_id": key.name}
    nothing = {"id": "k2", "data": {"args": None}}
    await change(world, sweep, controller=json.dumps({"schedule": [nothing]}))
    assert await beat(world, agent) == {"type": "exit"}


async def test_given_silence_then_an_agent_counts_as_crashed(
    world: World, clock: VirtualClock
) -> None:
    agent = await join(world, await make(world))
    assert agent.state_at(clock.wall(), CRASH_AFTER) == "RUNNING"
    await clock.advance(CRASH_AFTER + 1)
    assert agent.state_at(clock.wall(), CRASH_AFTER) == "CRASHED"


async def test_given_a_deleted_sweep_then_its_agents_are_told(world: World) -> None:
    sweep = await make(world)
    agent = await join(world, sweep)
    await world.sweeps.upsert.delete(sweep.key)
    with pytest.raises(NotFoundError, match="could not find sweep"):
        await beat(world, agent)


async def test_given_a_deleted_project_then_its_sweeps_are_gone(world: World) -> None:
    sweep = await make(world)
    await world.project_removal.remove("team", "vision")
    assert await world.sweeps.all.find(sweep.key) is None


async def test_given_no_package_then_bayes_says_what_to_install(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockwb.backend.sweep_bayes.PACKAGE", "no_such_package")
    bayes = {"method": "bayes", "metric": {"name": "x"}, "parameters": {"a": {"values": [1, 2]}}}
    with pytest.raises(InvalidError, match=r"pip install 'mockwb\[sweeps\]'"):
        await make(world, bayes)
    await make(world, bayes | {"controller": {"type": "local"}})


async def test_given_a_bad_config_then_no_sweep_is_made(world: World) -> None:
    with pytest.raises(InvalidError, match="parameters"):
        await make(world, {"method": "grid"})
    assert await world.projects.find("team", "vision") is None
    assert await world.sweeps.all.of_project("team", "vision") == []


async def test_given_a_queue_that_is_none_then_no_sweep_is_made(world: World) -> None:
    scheduler = json.dumps({"queue": "q", "run_spec": "{}"})
    with pytest.raises(NotFoundError, match="run queue team/vision/q not found"):
        await make(world, launch_scheduler=scheduler)
    assert await world.sweeps.all.of_project("team", "vision") == []


async def test_given_filters_then_the_sweeps_that_match_are_listed_newest_first(
    world: World,
) -> None:
    first = await make(world, display_name="a")
    second = await make(world)
    names = [sweep.name for sweep in await world.sweeps.all.of_project("team", "vision")]
    assert names == [second.name, first.name]
    found = await world.sweeps.all.of_project("team", "vision", '{"displayName": "a"}')
    assert [sweep.name for sweep in found] == [first.name]
