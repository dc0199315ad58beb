"""The pytest plugin, registered by entry point: fixtures `mockwb` and `mockwb_server`, a marker.

pytest imports this wherever mockwb is installed; the server is only imported for a test that asks
for it (`mockwb.testing` sees to that).
"""

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from mockwb import testing
from mockwb.testing.sdk_session import sdk_session

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKER = (
    "mockwb(plan=None, **settings): give the test's `mockwb` fixture a server of its own with this"
    " plan and these settings, such as limits={'project': {'requests': '5/1m'}}"
)
_LONGEST_NAME = 100
_TIMES = pytest.StashKey[dict[str, int]]()
"""How often each test has begun."""


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def mockwb_server() -> "Iterator[testing.MockServer]":
    """A W&B stand-in for all tests of this process: a `mockwb.testing.MockServer`."""
    with testing.MockServer() as server:
        yield server


@pytest.fixture
def mockwb(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Iterator[testing.MockProject]":
    """A fresh user, API key and project on a W&B stand-in that the environment points to.

    Runs that the test leaves open are finished, then the environment is as it was. With the marker
    `mockwb` the server is the test's own. See `mockwb.testing.MockProject`.
    """
    marker = request.node.get_closest_marker("mockwb")
    with ExitStack() as stack:
        if marker is None:
            server: testing.MockServer = request.getfixturevalue("mockwb_server")
        elif marker.args:
            raise pytest.UsageError("the marker mockwb takes keywords: @pytest.mark.mockwb(plan=…)")
        else:
            server = stack.enter_context(testing.MockServer(**marker.kwargs))
        project = testing.MockProject(
            server,
            _project_name(request),
            own_server=marker is not None,
            user_of=_time_of(request.node),
        )
        stack.callback(project.limits.reset)
        stack.enter_context(sdk_session(project.env, tmp_path_factory.mktemp("wandb")))
        # Before runs are finished that the test has left open, or they might wait for long.
        stack.callback(project.limits.restore, project.limits.rules)
        stack.callback(project.faults.clear)
        yield project


def _time_of(item: pytest.Item) -> str:
    """A test, and which time it is that it runs: some are run again when they fail."""
    times = item.config.stash.setdefault(_TIMES, {})
    times[item.nodeid] = times.get(item.nodeid, 0) + 1
    return f"{item.nodeid} {times[item.nodeid]}"


def _project_name(request: pytest.FixtureRequest) -> str:
    """The test's name, as far as project names go."""
    name: str = request.node.name
    return re.sub(r"[^\w.-]+", "-", name).strip("-")[:_LONGEST_NAME]
