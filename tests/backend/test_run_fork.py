import json
from typing import Any

import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.file_stream import HISTORY, SUMMARY, Chunk, Update
from mockwb.backend.run import Run, RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from tests.backend.conftest import Log


def config(point: object = None, **entries: object) -> str:
    wandb = {"t": {}, **({} if point is None else {"branch_point": point})}
    return json.dumps({k: {"value": v} for k, v in {**entries, "_wandb": wandb}.items()})


async def fork(world: World, parent: str, step: object, **entries: object) -> Run:
    point = {"run_id": parent, "step": step}
    fields = RunFields(entity="team", project="vision", name="kid", config=config(point, **entries))
    return (await world.run_upsert.apply("ada", fields))[0]


async def rows(world: World, key: RunKey) -> list[dict[str, Any]]:
    return [json.loads(row) for row in await world.history.rows(key)]


async def test_given_a_fork_then_it_has_the_parents_rows_summary_and_config_up_to_the_step(
    world: World, key: RunKey, log: Log
) -> None:
    said = RunFields(id=key.storage_id, config=config(lr=1, seed=1))
    await world.run_upsert.apply("ada", said)
    await log({"val": {"a": 1}}, {"val": {"b": 2}, "x": 1}, {"x": 2})
    kid = await fork(world, "r1", 1, lr=5)
    assert [row["_step"] for row in await rows(world, kid.key)] == [0, 1]
    assert await world.summaries.values(kid.key) == {"val": {"a": 1, "b": 2}, "x": 1, "_step": 1}
    values = {name: entry["value"] for name, entry in json.loads(kid.config or "").items()}
    assert (values["lr"], values["seed"]) == (5, 1)
    assert await world.history.count(kid.key, HISTORY) == 0


async def test_given_own_rows_then_they_follow_and_the_parent_may_go(
    world: World, key: RunKey, log: Log
) -> None:
    await log({"x": 0}, {"x": 1}, {"x": 2})
    kid = await fork(world, "r1", 1)
    own = Update(
        files={HISTORY: Chunk(['{"_step": 2, "x": 7}']), SUMMARY: Chunk(['{"_step": 2, "x": 7}'])}
    )
    await world.file_stream.apply(kid.key, own)
    await world.run_removal.remove(key)
    assert [row["x"] for row in await rows(world, kid.key)] == [0, 1, 7]
    assert (await world.summaries.values(kid.key))["x"] == 7
    assert await world.history.count(kid.key, HISTORY) == 1
    await world.rewind.apply(kid.key, 0)
    assert [row["x"] for row in await rows(world, kid.key)] == [0]
    assert await world.summaries.values(kid.key) == {"_step": 0, "x": 0}


async def test_given_later_configs_of_its_stream_then_the_inherited_part_stays(
    world: World, key: RunKey
) -> None:
    await world.run_upsert.apply("ada", RunFields(id=key.storage_id, config=config(seed=1)))
    kid = await fork(world, "r1", 0)
    stream = RunFields(entity="team", project="vision", name="kid", config=config(lr=2))
    kid, _ = await world.run_upsert.apply("ada", stream)
    assert {"seed", "lr"} <= json.loads(kid.config or "").keys()
    outside = RunFields(id=kid.key.storage_id, config=config(lr=3))
    kid, _ = await world.run_upsert.apply("ada", outside)
    assert "seed" not in json.loads(kid.config or "")


async def test_given_a_branch_point_that_is_none_then_nothing_is_made(
    world: World, key: RunKey
) -> None:
    with pytest.raises(NotFoundError, match="team/vision/no, which kid is to fork from, not found"):
        await fork(world, "no", 1)
    with pytest.raises(InvalidError, match="branch_point"):
        await fork(world, "r1", "soon")
    assert [run.name for run in await world.runs.of_project("team", "vision")] == [key.name]


async def test_given_a_branch_point_in_the_run_itself_then_it_was_rewound_and_copies_nothing(
    world: World, key: RunKey
) -> None:
    kid = await fork(world, "kid", 3)
    assert await rows(world, kid.key) == []
