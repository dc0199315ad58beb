"""Tests that measure run alone, though the others run side by side in several processes.

The suite waits more than it computes: real SDKs back off in real time. So pytest-xdist runs tests
beside each other, and whoever measures processor time asks for the machine to itself.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(file: Path, how: int) -> Iterator[None]:
    """Hold a lock between processes; `how` is LOCK_SH or LOCK_EX."""
    with file.open("w") as lock:
        fcntl.flock(lock, how)
        yield


@contextmanager
def among_others(folder: Path) -> Iterator[None]:
    """Run beside everybody but those who run alone."""
    with (folder / "hall").open("w") as hall:
        with held(folder / "door", fcntl.LOCK_EX):
            fcntl.flock(hall, fcntl.LOCK_SH)
        yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Run while nobody else does; who comes meanwhile waits at the door."""
    with held(folder / "door", fcntl.LOCK_EX), held(folder / "hall", fcntl.LOCK_EX):
        yield
