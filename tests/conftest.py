"""Servers and clients that tests in every room may ask for."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import hypothesis
import pytest

from mockwb.clock import Clock, VirtualClock
from mockwb.config.load import load_config
from mockwb.server import Server
from tests.company import among_others
from tests.wandb_client import WandbClient

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_MEASURING = Path(__file__).parent / "benchmarks"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First who measures, alone, while nobody is busy; then the slow, so that none is left last."""
    items.sort(
        key=lambda item: (
            not item.path.is_relative_to(_MEASURING),
            item.get_closest_marker("slow") is None,
        )
    )


Serve = Callable[..., Awaitable[WandbClient]]


@pytest.fixture(autouse=True)
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Run beside other tests, but not beside those that measure."""
    with among_others(request, tmp_path_factory):
        yield


@pytest.fixture(autouse=True)
def logging_as_found() -> Iterator[None]:
    """Undo what a command that ran in this process did to logging."""
    root, ours = logging.getLogger(), logging.getLogger("mockwb")
    handlers, level = list(root.handlers), ours.level
    yield
    root.handlers[:] = handlers
    ours.setLevel(level)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def serve(clock: VirtualClock) -> AsyncIterator[Serve]:
    """Start a server on a free port with settings given as keywords; its client.

    It runs on the `clock` fixture: `clock.advance` is the only way for limits, heartbeats and
    crashes to come to pass.
    """
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())

        async def start(server_clock: Clock = clock, **settings: object) -> WandbClient:
            config = load_config(overlay={"port": 0, **settings})
            server = await stack.enter_async_context(Server(config, server_clock))
            return WandbClient(session, server.url)

        yield start


@pytest.fixture
async def client(serve: Serve) -> WandbClient:
    """The client of a server with default settings."""
    return await serve()
