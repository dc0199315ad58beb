import subprocess
import sys
import threading
import venv
from pathlib import Path

import pytest

from mockwb import packages
from mockwb.packages import PipError, environment, run_pip


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "mockwb"


@pytest.fixture
def installed(monkeypatch) -> list[Path]:
    """Takes the place of pip and keeps what it was asked for."""
    folders: list[Path] = []

    def install(folder: Path, wanted: list[str]) -> None:
        folders.append(folder)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(packages, "install", install)
    return folders


def test_an_environment_is_made_once_and_found_again(installed, cache):
    python = environment("wandb-9", ["wandb==9"])
    assert environment("wandb-9", ["wandb==9"]) == python
    assert installed == [python.parent.parent]
    assert python.is_relative_to(cache)


def test_other_packages_make_another_environment(installed):
    assert environment("wandb-9", ["wandb==9"]) != environment("wandb-9", ["wandb==9", "pillow"])


def test_what_a_killed_installation_left_is_not_used(installed):
    python = environment("wandb-9", ["wandb==9"])
    folder = python.parent.parent
    (folder / "complete").unlink()
    (folder / "half").touch()
    assert environment("wandb-9", ["wandb==9"]) == python
    assert len(installed) == 2
    assert not (folder / "half").exists()


def test_an_installation_that_fails_leaves_nothing(monkeypatch, cache):
    def fail(folder: Path, wanted: list[str]) -> None:
        folder.mkdir(parents=True)
        raise PipError("no such release")

    monkeypatch.setattr(packages, "install", fail)
    with pytest.raises(PipError):
        environment("wandb-9", ["wandb==9"])
    assert [path for path in cache.iterdir() if path.is_dir()] == []


def test_who_asks_meanwhile_waits_for_the_one_that_installs(monkeypatch, cache):
    begun, go_on = threading.Event(), threading.Event()
    installations = []

    def install(folder: Path, wanted: list[str]) -> None:
        installations.append(folder)
        begun.set()
        assert go_on.wait(10)
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(packages, "install", install)
    asking = [threading.Thread(target=environment, args=("e", ["a"])) for _ in range(2)]
    for thread in asking:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in asking:
        thread.join(10)
    assert len(installations) == 1


def test_an_environment_that_cannot_be_made_is_told(monkeypatch, tmp_path):
    def create(folder, **_):
        raise subprocess.CalledProcessError(1, ["ensurepip"], b"Looking\nERROR: no space left\n")

    monkeypatch.setattr(venv, "create", create)
    with pytest.raises(PipError, match=r"^no environment in .*/e: no space left$"):
        packages.install(tmp_path / "e", ["wandb==9"])


def test_pips_last_error_is_told(monkeypatch):
    output = "Looking\nERROR: first\nERROR: No matching distribution found\n[notice] newer pip\n"
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, output)
    )
    with pytest.raises(PipError, match=r"^No matching distribution found$"):
        run_pip(sys.executable, "install", "nonsense")


def test_versions_held_here_hold_no_other_environment(monkeypatch):
    monkeypatch.setenv("PIP_CONSTRAINT", "/nowhere.txt")
    seen = {}

    def run(command, *, env, **_):
        seen.update(env)
        return subprocess.CompletedProcess(command, 0, "")

    monkeypatch.setattr(subprocess, "run", run)
    run_pip("/cache/bin/python", "install", "wandb==9")
    assert seen
    assert "PIP_CONSTRAINT" not in seen


def test_whether_a_release_is_there_is_known_beforehand(installed):
    assert not packages.has_sdk("9.9.9")
    packages.sdk_python("9.9.9")
    assert packages.has_sdk("9.9.9")
