"""Files of runs: saved, uploaded from outside, listed, downloaded, deleted; code."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk

ODD = "sub dir/é #1 100%+.txt"


def save(project: str, odd: str) -> Any:
    import pathlib

    import wandb

    run = wandb.init(project=project, settings=wandb.Settings(x_file_stream_no_gzip=False))
    pathlib.Path(run.dir, odd).parent.mkdir()
    pathlib.Path(run.dir, odd).write_text("odd content")
    pathlib.Path(run.dir, "empty.bin").write_bytes(b"")
    pathlib.Path(run.dir, "large.bin").write_bytes(bytes(2_000_000))
    for name in (odd, "empty.bin", "large.bin"):
        run.save(f"{run.dir}/{name}", base_path=run.dir)
    run.log({"x": 1})
    run.finish()
    return run.path


def handle(path: str, odd: str) -> Any:
    import pathlib

    import wandb

    run = wandb.Api().run(path)
    listed = {file.name: file.size for file in run.files()}
    content = run.file(odd).download(root="got", replace=True).read()
    run.file("large.bin").download(root="got")
    pathlib.Path("later.txt").write_text("came later")
    uploaded = run.upload_file("later.txt")
    state = wandb.Api().run(path).state
    run.file("later.txt").delete()
    return {
        "listed": listed,
        "content": content,
        "large": pathlib.Path("got/large.bin").stat().st_size,
        "uploaded": [uploaded.name, uploaded.size, uploaded.mimetype],
        "state": state,
        "json": [file.name for file in run.files(pattern="%summary.json")],
        "names": [file.name for file in run.files(names=["empty.bin"])],
        "count": len(run.files()),
        "after": [file.name for file in wandb.Api().run(path).files()],
        "rows": len(run.history(pandas=False)),
    }


def test_files_go_up_and_come_back(sdk: Sdk, project: str) -> None:
    path = sdk.run(save, project=project, odd=ODD)
    found = sdk.run(handle, path=path, odd=ODD)
    listed = found["listed"]
    assert (listed[ODD], listed["empty.bin"], listed["large.bin"]) == (11, 0, 2_000_000)
    assert {"config.yaml", "wandb-metadata.json", "wandb-summary.json"} <= listed.keys()
    assert found["content"] == "odd content"
    assert found["large"] == 2_000_000
    assert found["uploaded"] == ["later.txt", 10, "text/plain"]
    assert found["state"] == "finished"
    assert found["json"] == ["wandb-summary.json"]
    assert found["names"] == ["empty.bin"]
    assert found["count"] == len(listed)
    assert "later.txt" not in found["after"]
    assert found["rows"] == 1


def save_code(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, save_code=True)
    run.log_code(".", include_fn=lambda path: path.endswith("save_code.py"))
    run.finish()
    found = wandb.Api().run(run.path)
    found.file("code/save_code.py").download(root="got")
    found.file("diff.patch").download(root="got")
    return {
        "commit": found.commit,
        "files": [file.name for file in found.files()],
        "artifacts": [artifact.type for artifact in found.logged_artifacts()],
    }


def test_code_is_saved_with_its_commit(sdk: Sdk, project: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    (sdk.folder / "module.py").write_text("as committed\n")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=sdk.folder, check=True)
    (sdk.folder / "module.py").write_text("as changed\n")
    found = sdk.run(save_code, project=project)
    assert "code/save_code.py" in found["files"]
    saved = (sdk.folder / "got/code/save_code.py").read_text()
    assert saved == (sdk.folder / "save_code.py").read_text()
    assert "+as changed" in (sdk.folder / "got/diff.patch").read_text().splitlines()
    assert found["artifacts"] == ["code"]
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=sdk.folder, check=True, capture_output=True, text=True
    )
    assert found["commit"] == head.stdout.strip()


def save_by_policy(project: str) -> Any:
    import pathlib
    import time

    import wandb

    run = wandb.init(project=project)
    folder = pathlib.Path(run.dir)
    for policy in ("now", "end", "live"):
        (folder / f"{policy}.txt").write_text("early")
        run.save(str(folder / f"{policy}.txt"), base_path=run.dir, policy=policy)
    api = wandb.Api()
    for _ in range(300):
        early = {file.name for file in api.run(run.path).files()}
        if "live.txt" in early:
            break
        time.sleep(0.1)  # noqa: TID251 -- wandb-core uploads in its own time
    for policy in ("now", "end", "live"):
        (folder / f"{policy}.txt").write_text("late")
    run.finish()
    found = wandb.Api().run(run.path)
    names = ("now.txt", "end.txt", "live.txt")
    return {
        "early": sorted(early.intersection(names)),
        "late": [found.file(name).download(root="got", replace=True).read() for name in names],
    }


def test_files_go_up_when_their_policy_says(sdk: Sdk, project: str) -> None:
    found = sdk.run(save_by_policy, project=project)
    assert found == {"early": ["live.txt", "now.txt"], "late": ["early", "late", "late"]}


def use_features(project: str) -> Any:
    import pathlib

    import wandb

    run = wandb.init(project=project, settings=wandb.Settings(x_file_stream_no_gzip=False))
    for _ in range(100):
        run.log({"text": "a" * 1000})
    run.finish()
    pathlib.Path("later.txt").write_text("later")
    wandb.Api().run(run.path).upload_file("later.txt")
    return {"id": run.id, "rows": len(list(wandb.Api().run(run.path).scan_history()))}


@pytest.mark.parametrize("on", [True, False])
def test_server_features_are_used_where_they_are_on(tmp_path: Path, project: str, on: bool) -> None:
    with serving(features={"FILESTREAM_GZIP": on, "MARK_RUN_FILES_UPLOADED": on}) as server:
        sdk = Sdk(server.url, tmp_path)
        found = sdk.run(use_features, project=project)
        account = sdk.account(found["id"])
    assert found["rows"] == 100
    assert (account["bytes_in"] < 50_000) is on
    assert ("MarkRunFilesUploaded" in account["operations"]) is on
