"""Virtual environments that later test runs find again: old SDKs, and what pins old packages."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from mockwb import packages

_ROOT = Path(__file__).parent.parent.parent


def old_sdk_python(version: str) -> Path:
    """The interpreter of an environment with `wandb==version`; see `environment`."""
    return _or_fail(lambda: packages.sdk_python(version))


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
    required = map(Requirement, texts)
    return {
        f"{package.name}{package.specifier}"
        for package in required
        if package.marker is None or package.marker.evaluate()
    }


def environment(name: str, wanted: list[str]) -> Path:
    """The interpreter of an environment with the packages `wanted`, kept for later runs.

    Fails the test that asks if pip cannot install them. Several processes may ask at once.
    """
    return _or_fail(lambda: packages.environment(name, wanted))


def install(folder: Path, wanted: list[str]) -> Path:
    """Make an environment in `folder` with the packages `wanted`; its interpreter."""
    return _or_fail(lambda: packages.install(folder, wanted))


def _or_fail(made: Callable[[], Path]) -> Path:
    try:
        return made()
    except packages.PipError as error:
        pytest.fail(str(error), pytrace=False)
