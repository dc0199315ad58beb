import json

import pytest

from mockwb.backend.run import RunKey
from mockwb.backend.run_config import merged_config
from mockwb.backend.run_files import blob_key
from mockwb.backend.world import World

METADATA = {
    "program": "train.py",
    "args": ["--lr", "1"],
    "os": "Linux",
    "python": "CPython 3.11",
    "executable": "/usr/bin/python",
    "cpu_count": 2,
    "gpu_count": "many",
    "git": {"remote": "git@host:repo", "commit": "abc"},
}


async def upload(world: World, key: RunKey, name: str, content: bytes) -> None:
    writer = world.store.blob_writer(blob_key(key, name))
    await writer.write(content)
    await world.run_files.stored(key, name, await writer.commit())


async def test_given_no_metadata_yet_then_what_the_stream_said_counts(
    world: World, key: RunKey
) -> None:
    info = await world.run_infos.of_run(await world.runs.get(key))
    assert info["program"] == "train.py"
    assert info["os"] is None
    assert info["git"] == {"remote": None, "commit": None}


async def test_given_metadata_then_its_fields_are_told_and_wrong_ones_left_out(
    world: World, key: RunKey
) -> None:
    await upload(world, key, "wandb-metadata.json", json.dumps(METADATA).encode())
    await upload(world, key, "code/train.py", b"")
    info = await world.run_infos.of_run(await world.runs.get(key))
    assert info["args"] == ["--lr", "1"]
    assert (info["cpu_count"], info["gpu_count"], info["gpu"]) == (2, None, None)
    assert info["git"] == METADATA["git"]
    assert info["code_saved"]


@pytest.mark.parametrize("content", [b"no json", b"[]", b"\xff\xfe"])
async def test_given_a_file_that_is_no_metadata_then_nothing_is_known(
    world: World, key: RunKey, content: bytes
) -> None:
    await upload(world, key, "wandb-metadata.json", content)
    assert (await world.run_infos.of_run(await world.runs.get(key)))["os"] is None


def test_configs_of_two_writers_are_put_together() -> None:
    first = {"a": {"value": 1}, "b": {"value": 1}, "_wandb": {"value": {"e": {"w1": {}}, "t": 1}}}
    second = {"b": {"value": {"c": 2}}, "_wandb": {"value": {"e": {"w2": {}}, "t": 2}}}
    assert json.loads(merged_config(json.dumps(first), json.dumps(second))) == {
        "a": {"value": 1},
        "b": {"value": {"c": 2}},
        "_wandb": {"value": {"e": {"w1": {}, "w2": {}}, "t": 2}},
    }
