"""What pip fetches and mockwb keeps in the user's cache folder: wheels and whole environments.

Workloads with an SDK release of their own, `mockwb coverage` and tests use it.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BESIDE_SDK = ("setuptools<81", "pillow<12")
"""Newer setuptools lack what wandb 0.16 uses. So does numpy 2; without numpy it does well.

Pillow is for images; wandb itself says which protobuf it takes."""
_COMPLETE = "complete"
"""File in an environment that nothing lacks."""
_PATIENCE = 900
"""Seconds for an installation over a slow network."""


class PipError(Exception):
    """pip could not do it; the message is the last that it said."""


def cache_folder() -> Path:
    """Mockwb's own in the user's cache; it need not be there yet."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "mockwb"


def run_pip(python: Path | str, *arguments: str) -> None:
    """`python -m pip`; PipError if it fails, or is not done in a quarter of an hour."""
    # Versions that an environment holds its own packages to are not those of other releases.
    environment = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    command = [str(python), "-m", "pip", *arguments]
    try:
        pip = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PipError(f"pip was not done within {_PATIENCE} s") from error
    if pip.returncode:
        raise PipError(_reason(pip.stdout) or f"pip ended with code {pip.returncode}")


def sdk_python(version: str) -> Path:
    """The interpreter of an environment with `wandb==version`; see `environment`."""
    return environment(*_with_sdk(version))


def has_sdk(version: str) -> bool:
    """Whether `sdk_python` has nothing to install."""
    return _is_complete(_folder(*_with_sdk(version)))


def environment(name: str, wanted: list[str]) -> Path:
    """The interpreter of an environment with the packages `wanted`, installed by who asks first.

    PipError if they cannot be installed. Several processes may ask at once. What a killed
    installation leaves has no mark of completion, and the next who asks starts anew. (Building
    elsewhere and renaming would not do: an environment's scripts hold its path.)
    """
    folder = _folder(name, wanted)
    python = folder / "bin" / "python"
    with _locked(folder.parent / f"{folder.name}.lock"):
        if not _is_complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            try:
                install(folder, wanted)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            (folder / _COMPLETE).touch()
    return python


def install(folder: Path, wanted: list[str]) -> Path:
    """Make an environment in `folder` with the packages `wanted`; its interpreter. PipError."""
    # To give an environment a pip of its own takes longer than many an installation.
    has_pip = importlib.util.find_spec("pip") is not None
    try:
        venv.create(folder, with_pip=not has_pip)
    except subprocess.CalledProcessError as error:
        said = error.output.decode(errors="replace") if error.output else ""
        raise PipError(f"no environment in {folder}: {_reason(said) or error}") from error
    python = folder / "bin" / "python"
    if has_pip:
        run_pip(sys.executable, "--python", str(python), "install", "--quiet", *wanted)
    else:
        run_pip(python, "install", "--quiet", *wanted)
    return python


def _with_sdk(version: str) -> tuple[str, list[str]]:
    return f"wandb-{version}", [f"wandb=={version}", *_BESIDE_SDK]


def _folder(name: str, wanted: list[str]) -> Path:
    digest = hashlib.sha256(repr((sys.base_prefix, sys.version, wanted)).encode()).hexdigest()
    return cache_folder() / f"{name}-{digest[:8]}"


def _is_complete(folder: Path) -> bool:
    return (folder / _COMPLETE).exists() and (folder / "bin" / "python").exists()


def _reason(output: str) -> str:
    """The last line that names an error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines or [""])[-1].removeprefix("ERROR:").strip()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Until the process ends at the latest; the kernel sees to it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
