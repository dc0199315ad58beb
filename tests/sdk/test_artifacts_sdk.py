"""Real SDK processes log artifacts, log them again, change them, and read them back."""

import json
import os
import sys
import textwrap
from asyncio import create_subprocess_exec, subprocess, wait_for
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mockwb.clock import RealClock
from tests.conftest import Serve
from tests.wandb_client import KEY, WandbClient

pytest.importorskip("wandb")
pytestmark = [pytest.mark.sdk, pytest.mark.slow]

TIMEOUT = 120.0
"""Seconds that one script may take on a busy machine."""
PREAMBLE = """
import json, sys
from pathlib import Path
import wandb

def tell(**facts):
    print("FACTS " + json.dumps(facts))

def init(run, **settings):
    return wandb.init(entity="team", project="vision", id=run, **settings)

def files_below(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes().hex()
            for p in sorted(Path(folder).rglob("*")) if p.is_file()}

def directory(first):
    folder = Path("source")
    (folder / "deep" / "down").mkdir(parents=True, exist_ok=True)
    (folder / "first.txt").write_bytes(first)
    (folder / "deep" / "down" / "second \\u00fc.bin").write_bytes(bytes(range(256)))
    artifact = wandb.Artifact("data", "dataset", metadata={"rows": 2}, description="two files")
    artifact.add_dir(str(folder))
    return artifact
"""
SECOND = bytes(range(256)).hex()

RunScript = Callable[[str], Awaitable[dict[str, Any]]]


@pytest.fixture
async def client(serve: Serve) -> WandbClient:
    return await serve(RealClock())


@pytest.fixture
def run_script(client: WandbClient, tmp_path: Path) -> RunScript:
    """Run a script in a process of its own; what it told."""

    async def run(script: str) -> dict[str, Any]:
        path = tmp_path / "train.py"
        path.write_text(PREAMBLE + textwrap.dedent(script))
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {
            "WANDB_BASE_URL": client.url,
            "WANDB_API_KEY": KEY,
            "WANDB_SILENT": "true",
            "WANDB_ERROR_REPORTING": "false",
            **{
                f"WANDB_{name}_DIR": str(tmp_path / name)
                for name in ("CACHE", "DATA", "CONFIG", "ARTIFACT")
            },
        }
        process = await create_subprocess_exec(
            sys.executable,
            str(path),
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            output, _ = await wait_for(process.communicate(), TIMEOUT)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        assert process.returncode == 0, output.decode()
        told: dict[str, Any] = {}
        for line in output.decode().splitlines():
            if line.startswith("FACTS "):
                told |= json.loads(line.removeprefix("FACTS "))
        return told

    return run


async def test_when_a_directory_is_logged_again_and_changed_then_versions_hold_its_bytes(
    run_script: RunScript,
) -> None:
    told = await run_script("""
        with init("r1") as run:
            first = run.log_artifact(directory(b"alpha"), aliases=["best"]).wait()
            again = run.log_artifact(directory(b"alpha")).wait()
            changed = run.log_artifact(directory(b"alphA"), tags=["fresh"]).wait()
            tell(versions=[first.version, again.version, changed.version],
                 same=first.id == again.id)
        with init("r2") as run:
            used = run.use_artifact("data:best")
            tell(best=files_below(used.download("best")))
        api = wandb.Api()
        latest = api.artifact("team/vision/data:latest")
        folder = latest.download("latest")
        latest.verify(folder)
        tell(latest=files_below(folder), version=latest.version, tags=latest.tags,
             size=latest.size, file_count=latest.file_count, metadata=latest.metadata,
             description=latest.description, aliases=latest.aliases,
             digest_holds=latest.manifest.digest() == latest.digest)
        tell(logged=[a.name for a in api.run("team/vision/r1").logged_artifacts()],
             used=[a.name for a in api.run("team/vision/r2").used_artifacts()],
             used_by=[r.id for r in api.artifact("team/vision/data:v0").used_by()],
             logged_by=latest.logged_by().id)
    """)
    assert told["versions"] == ["v0", "v0", "v1"]
    assert told["same"] is True
    second = {"deep/down/second \u00fc.bin": SECOND}
    assert told["best"] == {**second, "first.txt": b"alpha".hex()}
    assert told["latest"] == {**second, "first.txt": b"alphA".hex()}
    assert (told["version"], told["tags"], told["aliases"]) == ("v1", ["fresh"], ["latest"])
    assert (told["size"], told["file_count"], told["metadata"]) == (261, 2, {"rows": 2})
    assert told["description"] == "two files"
    assert told["digest_holds"] is True
    assert (told["logged"], told["used"]) == (["data:v0", "data:v1"], ["data:v0"])
    assert (told["used_by"], told["logged_by"]) == (["r2"], "r1")


async def test_when_media_and_code_are_logged_then_their_artifacts_are_complete(
    run_script: RunScript,
) -> None:
    told = await run_script("""
        import numpy
        with init("r1") as run:
            picture = wandb.Image(numpy.zeros((4, 4, 3), dtype=numpy.uint8))
            rows = [[1, "x"], [2, "y"]]
            run.log({"table": wandb.Table(columns=["a", "b"], data=rows), "picture": picture})
            code = run.log_code(root=".", name="my-code",
                                include_fn=lambda path: path.endswith("train.py"))
            code.wait()
        api = wandb.Api()
        table = api.artifact("team/vision/run-r1-table:v0")
        tell(type=table.type, rows=table.get("table").data,
             code=files_below(api.artifact("team/vision/my-code:latest").download("code")),
             own=Path(__file__).read_bytes().hex(),
             files=[f.name for f in api.run("team/vision/r1").files()])
    """)
    assert told["type"] == "run_table"
    assert told["rows"] == [[1, "x"], [2, "y"]]
    assert told["code"] == {"train.py": told["own"]}
    assert any(name.startswith("media/images/picture_0_") for name in told["files"])


async def test_when_versions_grow_by_increments_then_each_holds_all_before_it(
    run_script: RunScript,
) -> None:
    told = await run_script("""
        def part(name):
            Path(name).write_text(name)
            artifact = wandb.Artifact("rows", "dataset", incremental=True)
            artifact.add_file(name)
            return artifact

        with init("r1") as run:
            for name in ("one", "two"):
                run.log_artifact(part(name)).wait()
        api = wandb.Api()
        second = api.artifact("team/vision/rows:v1")
        tell(files=files_below(second.download("rows")),
             digest_holds=second.manifest.digest() == second.digest)
    """)
    assert told["files"] == {"one": b"one".hex(), "two": b"two".hex()}
    assert told["digest_holds"] is True


async def test_when_runs_of_a_group_share_a_version_then_it_holds_all_their_files(
    run_script: RunScript,
) -> None:
    told = await run_script("""
        def part(name):
            Path(name).write_text(name)
            artifact = wandb.Artifact("shared", "dataset")
            artifact.add_file(name)
            return artifact

        for name in ("one", "two"):
            with init("w-" + name, group="g") as run:
                run.upsert_artifact(part(name))
        with init("last", group="g") as run:
            run.finish_artifact(part("three")).wait()
        shared = wandb.Api().artifact("team/vision/shared:v0")
        tell(files=sorted(files_below(shared.download("shared"))))
    """)
    assert told["files"] == ["one", "three", "two"]


async def test_when_an_artifact_is_saved_or_drafted_from_then_both_are_kept(
    run_script: RunScript,
) -> None:
    told = await run_script("""
        with init("r1") as run:
            first = run.log_artifact(directory(b"alpha")).wait()
            first.aliases.append("prod")
            first.tags.append("t")
            first.metadata["more"] = 1
            first.save()
            Path("third").write_text("third")
            draft = first.new_draft()
            draft.add_file("third")
            run.log_artifact(draft).wait()
        api = wandb.Api()
        prod = api.artifact("team/vision/data:prod")
        tell(version=prod.version, tags=prod.tags, metadata=prod.metadata,
             drafted=sorted(files_below(api.artifact("team/vision/data:v1").download("d"))),
             there=[api.artifact_exists("team/vision/data:" + name) for name in ("v1", "v2")])
    """)
    assert (told["version"], told["tags"]) == ("v0", ["t"])
    assert told["metadata"] == {"rows": 2, "more": 1}
    assert told["drafted"] == ["deep/down/second \u00fc.bin", "first.txt", "third"]
    assert told["there"] == [True, False]
