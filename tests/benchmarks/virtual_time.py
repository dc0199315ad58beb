"""One instant that every limiter of a comparison takes for the present.

Other libraries read `time.time()`, which it replaces; mockwb's get the same function as clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from mockwb.clock import VirtualClock

INSTANT = [0.0]
"""A loop sets it with `for INSTANT[0] in instants`."""


def read() -> float:
    """The instant, in seconds."""
    return INSTANT[0]


class InstantClock(VirtualClock):
    """mockwb's clock on the same instant."""

    now = staticmethod(read)  # type: ignore[assignment]


@contextmanager
def virtual_time() -> Iterator[None]:
    """Let `time.time()` be `read`, for whoever asks meanwhile."""
    with patch("time.time", read):
        yield
