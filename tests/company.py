"""Tests that measure run alone, though the others run side by side in several processes.

The suite waits more than it computes: real SDKs back off in real time. So pytest-xdist runs tests
beside each other, and whoever measures processor time asks for the machine to itself.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def held(file: Path, how: int) -> Iterator[None]:
    """Hold a lock between processes; `how` is LOCK_SH or LOCK_EX."""
    with file.open("w") as lock:
        fcntl.flock(lock, how)
        yield


@contextmanager
def among_others(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run beside everybody but those who run alone."""
    folder = _meeting_place(request, factory)
    if folder is None:
        yield
        return
    with (folder / "hall").open("w") as hall:
        with held(folder / "door", fcntl.LOCK_EX):
            fcntl.flock(hall, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run while nobody else does; who comes meanwhile waits at the door."""
    folder = _meeting_place(request, factory)
    if folder is None:
        yield
        return
    with held(folder / "door", fcntl.LOCK_EX), held(folder / "hall", fcntl.LOCK_EX):
        yield


def _meeting_place(request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> Path | None:
    """The folder that all processes of this test run share; None if there is only one."""
    several = hasattr(request.config, "workerinput")
    return factory.getbasetemp().parent if several else None
