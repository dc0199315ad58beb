"""A server in a thread with an event loop of its own, and calls into it from other threads."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from mockwb.clock import ShiftedClock
from mockwb.config.model import ServerConfig
from mockwb.observe.onlookers import Onlooker
from mockwb.server import Server

T = TypeVar("T")

PATIENCE = 60
"""Seconds after which a call into the server's thread counts as hung."""


class ServerThread:
    """Runs one server from `start` to `stop`."""

    def __init__(self, config: ServerConfig, onlookers: Sequence[Onlooker]) -> None:
        """Serve `config` once started; `onlookers` are called in the server's thread."""
        self.clock = ShiftedClock()
        self._config = config
        self._onlookers = onlookers
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready: Future[Server] = Future()
        # Whoever never stops it can end the process all the same.
        self._thread = threading.Thread(target=self._run, name="mockwb", daemon=True)

    @property
    def server(self) -> Server:
        """The running server."""
        return self._ready.result()

    def start(self) -> None:
        """Return once requests are welcome; OSError if the address is taken."""
        self._thread.start()
        self._ready.result(PATIENCE)

    def stop(self) -> None:
        """Let requests under way end, and free everything."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` returns, done in the server's thread; RuntimeError once it has stopped."""
        if not self._thread.is_alive():
            work.close()
            raise RuntimeError("the server has stopped: read what it knows while it runs")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def call(self, function: Callable[..., T], *arguments: object) -> T:
        """As `wait_for`, for what does not wait."""

        async def work() -> T:
            return function(*arguments)

        return self.wait_for(work())

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with Server(self._config, self.clock, self._onlookers) as server:
            self._ready.set_result(server)
            await self._stop.wait()
