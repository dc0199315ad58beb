"""The files of a wandb package: the installed one, a wheel, or a release from the package index."""

import importlib.metadata
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mockwb.packages import PipError, cache_folder, run_pip

_PACKAGE = "wandb/"
_VENDORED = "wandb/vendor/"
"""Libraries of others that old releases carry; their documents are examples and tests."""
_BINARIES = "wandb/bin/"


class PackageError(Exception):
    """No package there, or it cannot be read; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Package:
    """One wandb package as bytes; paths such as `wandb/apis/public/runs.py`."""

    version: str
    sources: dict[str, bytes]
    binaries: dict[str, bytes]


def installed() -> Package:
    """The package in this Python environment. PackageError if there is none."""
    try:
        distribution = importlib.metadata.distribution("wandb")
    except importlib.metadata.PackageNotFoundError as error:
        raise PackageError(
            "wandb is not installed here; give a --wheel FILE or a release with --sdk VERSION"
        ) from error
    folder = Path(str(distribution.locate_file("wandb")))
    if not folder.is_dir():
        raise PackageError(f"wandb {distribution.version} has no folder {folder}")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = ((path.relative_to(folder.parent).as_posix(), path) for path in paths)
    files = ((name, path.read_bytes()) for name, path in named if _wanted(name))
    return _package(distribution.version, files)


def from_wheel(path: Path) -> Package:
    """The package in a wheel file. PackageError if it is not one of wandb."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if _wanted(name)]
            package = _package(_version_of(path), ((n, archive.read(n)) for n in names))
    except (OSError, zipfile.BadZipFile) as error:
        raise PackageError(f"{path}: not a readable wheel: {error}") from error
    if not package.sources:
        raise PackageError(f"{path}: a wheel of wandb has a folder wandb/, this one has none")
    return package


def from_release(version: str) -> Package:
    """A published release, downloaded once by pip and kept. PackageError if pip cannot get it."""
    kept = cache_folder() / "wheels" / version
    wheels = sorted(kept.glob("wandb-*.whl"))
    return from_wheel(wheels[0] if wheels else _download(version, kept))


def _wanted(name: str) -> bool:
    if not name.startswith(_PACKAGE) or name.startswith(_VENDORED):
        return False
    return name.endswith(".py") or name.startswith(_BINARIES)


def _package(version: str, files: Iterator[tuple[str, bytes]]) -> Package:
    package = Package(version, {}, {})
    for name, content in files:
        (package.binaries if name.startswith(_BINARIES) else package.sources)[name] = content
    return package


def _version_of(path: Path) -> str:
    parts = path.name.split("-")
    return parts[1] if len(parts) > 1 else path.name


def _download(version: str, kept: Path) -> Path:
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
        options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder)
        try:
            run_pip(sys.executable, "download", *options, f"wandb=={version}")
        except PipError as error:
            raise PackageError(f"wandb {version}: pip download failed: {error}") from error
        kept.mkdir(exist_ok=True)
        [wheel] = Path(folder).glob("wandb-*.whl")
        # Into place in one step: another process may be looking.
        return wheel.replace(kept / wheel.name)
