"""Virtual environments that later test runs find again: old SDKs, and what pins old packages."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.requirements import Requirement

_ROOT = Path(__file__).parent.parent.parent
_BESIDE = ("setuptools<81", "pillow<12")
"""Newer setuptools lack what wandb 0.16 uses. So does numpy 2; without numpy it does well.

Pillow is for images; wandb itself says which protobuf it takes."""
_PATIENCE = 900
"""Seconds for an installation over a slow network."""


def old_sdk_python(version: str) -> Path:
    """The interpreter of an environment with `wandb==version`; see `environment`."""
    return environment(f"wandb-{version}", [f"wandb=={version}", *_BESIDE])


def sweeps_python() -> Path:
    """The interpreter of an environment with what the extra `sweeps` wants; see `environment`.

    It wants an older numpy than other packages that tests use. mockwb itself is not in it: start
    the interpreter in the checkout.
    """
    testing = {"hypothesis", "pytest", "pytest-asyncio", "pytest-timeout", "pytest-xdist"}
    return environment("sweeps", sorted({*_wanted_by_mockwb({"sdk", "sweeps"}), *testing}))


def integration_python(*packages: str) -> Path:
    """The interpreter of an environment with `packages`, and with pytest and the SDK.

    As above, what mockwb wants is in it and mockwb itself is not.
    """
    name = packages[0].partition("=")[0]
    return environment(name, sorted({*_wanted_by_mockwb({"sdk"}), *packages, "pytest"}))


def _wanted_by_mockwb(extras: set[str]) -> set[str]:
    """As the checkout says; what an installation says may be older."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    texts = list(project["dependencies"])
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    packages = map(Requirement, texts)
    return {
        f"{package.name}{package.specifier}"
        for package in packages
        if package.marker is None or package.marker.evaluate()
    }


def environment(name: str, wanted: list[str]) -> Path:
    """The interpreter of an environment with the packages `wanted`, installed by who asks first.

    Fails the test that asks if pip cannot install them. Several processes may ask at once.
    """
    digest = hashlib.sha256(repr((sys.base_prefix, sys.version, wanted)).encode()).hexdigest()
    folder = _cache() / f"{name}-{digest[:8]}"
    python = folder / "bin" / "python"
    complete = folder / "complete"
    with _locked(folder.with_suffix(".lock")):
        if not (complete.exists() and python.exists()):
            shutil.rmtree(folder, ignore_errors=True)
            install(folder, wanted)
            complete.touch()
    return python


def install(folder: Path, wanted: list[str]) -> Path:
    """Make an environment in `folder` with the packages `wanted`; its interpreter."""
    python = folder / "bin" / "python"
    venv.create(folder, with_pip=True)
    # The versions that CI holds the installed SDK to are not those of its old releases.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    command = [str(python), "-m", "pip", "install", "--quiet", *wanted]
    pip = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
    )
    if pip.returncode:
        pytest.fail(f"`{' '.join(command)}` failed:\n{pip.stdout}", pytrace=False)
    return python


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mockwb"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Until the process ends at the latest; the kernel sees to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
