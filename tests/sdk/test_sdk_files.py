"""Files of runs: saved, uploaded from outside, listed, downloaded, deleted; code."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving
from tests.sdk.environments import old_sdk_python

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


def handle_many(project: str, folder: str) -> Any:
    import base64
    import hashlib
    import os
    import pathlib

    import wandb

    os.chdir(folder)
    for name in ("b/one.txt", "b/two.txt", "b/deep/three.txt", "a_1.csv", "aX1.csv"):
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(name).write_text(f"content of {name}")
    run = wandb.init(project=project)
    run.save("b/*.txt", base_path=".", policy="now")
    run.save("b/deep/*", base_path=".", policy="end")
    run.save("*.csv", base_path=".", policy="end")
    run.finish()
    found = wandb.Api().run(run.path)

    def names(**how: Any) -> list[str]:
        return [file.name for file in found.files(**how)]

    def refused(act: Any, *arguments: Any, **how: Any) -> str:
        try:
            act(*arguments, **how)
        except wandb.errors.CommError as error:
            return str(error)
        return ""

    one = found.file("b/one.txt")
    pathlib.Path("b/one.txt").write_text("changed")
    again = found.upload_file("b/one.txt")
    restored = wandb.restore("b/two.txt", run_path=run.path, root="restored")
    two, never = found.file("b/two.txt"), found.file("none.txt")
    two.delete()
    where = {"run_path": run.path, "replace": True, "root": "restored"}
    gone = [
        refused(wandb.restore, "b/two.txt", **where),
        refused(two.delete),
        refused(never.download),
    ]
    content = restored.read()
    os.chdir("..")
    digest = hashlib.md5(b"content of b/one.txt").digest()
    return {
        "like": [names(pattern=each) for each in ("b/%", "a_1.csv", "%three%", "none%")],
        "names": names(names=["aX1.csv", "a_1.csv"]),
        "paged": names(per_page=2),
        "all": names(),
        "md5": one.md5 == base64.b64encode(digest).decode(),
        "sizes": [one.size, again.size],
        "types": [one.mimetype, found.file("a_1.csv").mimetype],
        "same_md5": one.md5 == again.md5,
        "restored": content,
        "never": [never.name, never.size],
        "gone": gone,
    }


def test_files_are_found_by_globs_patterns_and_pages(sdk: Sdk, project: str) -> None:
    (sdk.folder / "work").mkdir()
    found = sdk.run(
        handle_many, project=project, folder="work", expected="[Nn]ot [Ff]ound|Symlinked|404"
    )
    b = ["b/deep/three.txt", "b/one.txt"]
    # `_` stands for any one character, as in SQL.
    assert found["like"] == [b, ["aX1.csv", "a_1.csv"], ["b/deep/three.txt"], []]
    assert sorted(found["names"]) == ["aX1.csv", "a_1.csv"]
    assert set(b) < set(found["paged"])
    assert found["all"] == sorted(set(found["all"])) == found["paged"]
    assert found["md5"]
    assert not found["same_md5"]
    assert found["sizes"] == [len("content of b/one.txt"), len("changed")]
    assert found["types"] == ["text/plain", "text/csv"]
    assert found["restored"] == "content of b/two.txt"
    # To name a file that is not there is no error, as little as for W&B; to use it is one.
    assert found["never"] == ["none.txt", 0]
    assert ["not found" in each.lower() for each in found["gone"]] == [True] * 3, found["gone"]
    assert "404" in found["gone"][2]


def page_while_files_change(project: str) -> Any:
    import pathlib

    import wandb

    run = wandb.Api().create_run(project=project)

    def upload(name: str) -> None:
        pathlib.Path(name).write_text(name)
        run.upload_file(name)

    for number in range(1, 6):
        upload(f"f{number}")
    seen = []
    for file in run.files(per_page=2):
        seen.append(file.name)
        if len(seen) == 2:
            file.delete()
            upload("f0")
    return seen


def test_pages_of_files_go_on_behind_one_that_was_deleted(sdk: Sdk, project: str) -> None:
    seen = sdk.run(page_while_files_change, project=project)
    assert seen == ["f1", "f2", "f3", "f4", "f5"]


def save_for_later(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, config={"lr": 0.5}, save_code=True)
    run.finish()
    return run.path


@pytest.mark.parametrize("release", ["0.16.6", "installed"])
def test_the_restore_command_brings_a_run_back_into_its_working_tree(
    sdk: Sdk, project: str, release: str
) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@t.invalid"]
    (sdk.folder / "module.py").write_text("as committed\n")
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=sdk.folder, check=True)
    (sdk.folder / "module.py").write_text("as changed\n")
    python = sys.executable if release == "installed" else str(old_sdk_python(release))
    user = Sdk(sdk.url, sdk.folder, python)
    path = user.run(save_for_later, project=project, expected=".")
    subprocess.run(["git", "checkout", "-q", "module.py"], cwd=sdk.folder, check=True)
    entity, name, run = path.split("/")
    command = [python, "-m", "wandb", "restore", f"{entity}/{name}:{run}"]
    restored = subprocess.run(
        command,
        cwd=sdk.folder,
        env=user._environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert (sdk.folder / "module.py").read_text() == "as changed\n", restored.stderr
    assert "0.5" in (sdk.folder / "wandb" / "config.yaml").read_text()
