"""A running server: started, reachable at `url`, and stopped without losing requests under way.

`mockwb serve`, scenarios and tests use it as `async with Server(config) as server`.
"""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from aiohttp import web

from mockwb.app import create_app
from mockwb.clock import Clock, RealClock
from mockwb.config.model import ServerConfig, TlsConfig
from mockwb.control.access import refuse_exposure
from mockwb.control.declarations import declare
from mockwb.observe.onlookers import Onlooker
from mockwb.units import format_duration
from mockwb.wire.connection import Connections

_LISTEN_AGAIN = 1.0
"""Seconds between two attempts to take the port back."""
_log = logging.getLogger(__name__)


class TlsFilesError(Exception):
    """Certificate or key cannot be read, or do not belong together; the message names them."""


def tls_context(config: TlsConfig) -> ssl.SSLContext | None:
    """What HTTPS needs; None for plain HTTP."""
    if config.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(config.certificate, config.key)
    except OSError as error:  # ssl.SSLError is one
        files = f"{config.certificate} and {config.key}"
        reason = error.strerror or str(error)
        raise TlsFilesError(f"tls: cannot use {files}: {reason}") from error
    return context


class Server:
    """One mockwb on one port."""

    def __init__(
        self,
        config: ServerConfig,
        clock: Clock | None = None,
        onlookers: Sequence[Onlooker] = (),
    ) -> None:
        """Build everything; nothing listens before `start`. `onlookers` see every request."""
        self.config = config
        self._clock = clock or RealClock()
        self._rooms = create_app(config, self._clock, onlookers)
        self._rooms.effects.close_listener = self._close_listener
        self.world = self._rooms.world
        """What is stored; for the thread that the server runs in."""
        self.limits = self._rooms.limits
        """The limits in force; likewise."""
        self.faults = self._rooms.faults
        """The faults in force; likewise."""
        self.accounts = self._rooms.accounts
        """What is counted of each run; likewise."""
        self.guidance = self._rooms.guidance
        """What is known of W&B's guidance; likewise."""
        self._server = Connections(self._rooms.handler)
        self._runner = web.ServerRunner(
            self._server,
            handle_signals=False,
            # `stop` has been patient by then.
            shutdown_timeout=0.5,
        )
        self._fixture_runner: web.ServerRunner | None = None
        if self._rooms.fixtures is not None:
            self._fixture_runner = web.ServerRunner(
                Connections(self._rooms.fixtures), handle_signals=False, shutdown_timeout=0.5
            )
        self._background: list[asyncio.Task[None]] = []
        self._closed: asyncio.Task[None] | None = None
        """While nobody listens, as a fault wants it."""
        self.port = config.port

    @property
    def url(self) -> str:
        """The base URL, for WANDB_BASE_URL."""
        host = self.config.host
        if host in ("0.0.0.0", "::"):
            host = "127.0.0.1"
        scheme = "http" if self.config.tls.certificate is None else "https"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def fixture_url(self) -> str | None:
        """Where the fixture service is; None without one."""
        if self._fixture_runner is None:
            return None
        port = self._fixture_runner.addresses[0][1]
        return f"{self.url.rpartition(':')[0]}:{port}"

    async def start(self) -> None:
        """Listen; OSError if the address is taken, or open to others while `control` is too.

        TlsFilesError if certificate or key cannot be used.
        """
        await self._runner.setup()
        try:
            await refuse_exposure(self.config)
            await declare(self._rooms.world, self.config)
            await self._start_fixtures()
            await self._listen(self.config.port)
        except BaseException:
            await self._stop_fixtures()
            await self._runner.cleanup()
            await self._rooms.world.store.close()
            raise
        self.port = self._runner.addresses[0][1]
        self._background = [
            asyncio.create_task(self._rooms.request_log.summarise()),
            asyncio.create_task(self._rooms.journal.write()),
            asyncio.create_task(self._rooms.guidance.keep_up()),
        ]
        self._rooms.readiness.reason = None

    async def stop(self, patience: float | None = None) -> None:
        """Stop listening, let requests under way end, and free everything.

        They get `patience` seconds; None is as long as configured.
        """
        self._rooms.readiness.reason = "draining"
        self._rooms.effects.draining = True
        await _ended(self._closed)
        await self._stop_fixtures()
        for site in list(self._runner.sites):
            await site.stop()
        # aiohttp ignores what arrives once it closes, so bodies still coming in are awaited first.
        await self._rooms.exchange.drained(
            self.config.shutdown_timeout if patience is None else patience
        )
        await self._runner.cleanup()
        for task in self._background:
            await _ended(task)
        if self._rooms.proxy is not None:
            await self._rooms.proxy.close()
        self._rooms.request_log.flush()
        await asyncio.to_thread(self._rooms.journal.close)
        await self._rooms.world.store.close()

    async def _listen(self, port: int) -> None:
        host, tls = self.config.host, tls_context(self.config.tls)
        await web.TCPSite(self._runner, host, port, backlog=4096, ssl_context=tls).start()

    def _close_listener(self, seconds: float) -> None:
        """Refuse connections for so long, from now on; not longer if that goes on already."""
        if self._closed is None or self._closed.done():
            self._closed = asyncio.create_task(self._stay_closed(seconds))

    async def cut_off(self) -> None:
        """Break all connections and let none in."""
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()

    async def close_for(self, seconds: float) -> None:
        """Break all connections and let none in; return when it listens again."""
        await _ended(self._closed)
        self._closed = asyncio.create_task(self._stay_closed(seconds))
        await self._closed

    async def _stay_closed(self, seconds: float) -> None:
        """Break all connections and let none in; listen again when the time is over."""
        _log.info("refusing connections for %s", format_duration(seconds))
        await self.cut_off()
        await self._clock.sleep(seconds)
        while True:
            try:
                await self._listen(self.port)
            except OSError as error:
                _log.error("cannot listen again on port %d: %s", self.port, error.strerror)
                await self._clock.sleep(_LISTEN_AGAIN)
            else:
                break
        _log.info("listening again")

    async def _start_fixtures(self) -> None:
        if self._fixture_runner is not None:
            await self._fixture_runner.setup()
            host, port = self.config.host, self.config.fixture_port
            await web.TCPSite(self._fixture_runner, host, port).start()

    async def _stop_fixtures(self) -> None:
        if self._fixture_runner is not None:
            await self._fixture_runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


async def _ended(task: asyncio.Task[None] | None) -> None:
    """Cancel a task, if there is one, and wait for its end."""
    if task is not None:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
