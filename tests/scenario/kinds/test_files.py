from typing import Any

import aiohttp
import pytest

from mockwb.clock import RealClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.kinds.files import FilesWorkload
from mockwb.scenario.place import started_here
from mockwb.scenario.workload import Surroundings
from mockwb.yaml_file import convert


def load_of(**given: Any) -> FilesWorkload:
    quiet = {"x_disable_meta": True, "x_save_requirements": False, "x_disable_stats": True}
    data = {"kind": "files", "name": "ckpt", "project": "team/p", "settings": quiet}
    return convert({**data, "rows": 6, "every": "10ms", **given}, FilesWorkload)


async def test_checkpoints_are_stored_whole_and_counted_next_to_their_rows() -> None:
    upload = {"size": "300kB", "every": 2, "count": 2}
    load = load_of(count=2, upload=upload, values={"images": {"every": 3}})
    query = """{project(name: "p", entityName: "team") {runs {edges {node {
        files(first: 100) {edges {node {name sizeBytes}}}}}}}}"""
    async with started_here(ServerConfig(port=0)) as place, aiohttp.ClientSession() as session:
        around = Surroundings(place.url, place.api_key, RealClock(), "abc")
        results = await load.run(around)
        headers = {"Authorization": aiohttp.encode_basic_auth("api", place.api_key)}
        async with session.post(
            f"{place.url}/graphql", json={"query": query}, headers=headers
        ) as answer:
            runs = (await answer.json())["data"]["project"]["runs"]["edges"]
    for result, run in zip(results, runs, strict=True):
        nodes = [edge["node"] for edge in run["node"]["files"]["edges"]]
        sizes = {node["name"]: int(node["sizeBytes"]) for node in nodes}
        assert {name: size for name, size in sizes.items() if name.startswith("checkpoints/")} == {
            f"checkpoints/step_{row}_{part}.ckpt": 300_000 for row in (0, 2, 4) for part in (0, 1)
        }
        assert [size for name, size in sizes.items() if name.startswith("media/")] == [50_000] * 2
        assert (result.rows, result.error) == (6, None)
        assert (result.files, result.files_failed) == (8, 0)
        assert result.file_bytes == 6 * 300_000 + 2 * 50_000
        assert len(result.upload_seconds) == 8
        assert min(result.upload_seconds) > 0


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        ({"every": 2}, "missing required field `size`"),
        ({"size": "1MB", "count": 0}, "Expected `int` >= 1"),
        ({"size": "big"}, "expected a size such as"),
    ],
)
def test_what_cannot_be_uploaded_says_what_was_expected(upload, message):
    with pytest.raises(ValueError, match=message):
        load_of(upload=upload)
