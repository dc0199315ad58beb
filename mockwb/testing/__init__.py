"""For tests of those who use mockwb: `MockServer`, assertions, and a pytest plugin.

The names below are imported when they are asked for: pytest imports this package wherever mockwb
is installed, whether a project's tests use it or not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockwb.testing.assertions import assert_logged as assert_logged
    from mockwb.testing.assertions import (
        assert_no_guidance_findings as assert_no_guidance_findings,
    )
    from mockwb.testing.assertions import assert_nothing_lost as assert_nothing_lost
    from mockwb.testing.project import MockProject as MockProject
    from mockwb.testing.run import MockRun as MockRun
    from mockwb.testing.server import MockServer as MockServer

_ROOMS = {
    "MockProject": "project",
    "MockRun": "run",
    "MockServer": "server",
    "assert_logged": "assertions",
    "assert_no_guidance_findings": "assertions",
    "assert_nothing_lost": "assertions",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
