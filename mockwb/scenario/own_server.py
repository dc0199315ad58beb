"""A server in this process, for one scenario, that can be cut off and killed. `place` starts it."""

import asyncio

import msgspec

from mockwb.clock import Clock, RealClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.errors import ScenarioError
from mockwb.server import Server


class ServerHere:
    """One address, and the server that listens there unless it is down."""

    def __init__(self, config: ServerConfig, clock: Clock | None = None) -> None:
        """Nothing listens before `start`."""
        self._config = config
        self._clock = clock or RealClock()
        self._server: Server | None = None
        self.url = ""
        """Where it listens, once it has started."""

    async def start(self) -> None:
        """Listen; OSError if it cannot."""
        server = Server(self._config, self._clock)
        await server.start()
        self._config = msgspec.structs.replace(self._config, port=server.port)
        self._server, self.url = server, server.url

    async def stop(self) -> None:
        """Let requests under way end."""
        if self._server is not None:
            await self._server.stop()

    async def restart(self, down: float) -> None:
        """Let nobody in for `down` seconds; what is stored is kept."""
        if self._server is not None:
            await self._server.close_for(down)

    async def kill(self, down: float) -> None:
        """End as abruptly as a process does, and be a new server after `down` seconds.

        ScenarioError if the port is somebody else's by then.
        """
        if self._server is None:
            return
        server, self._server = self._server, None
        await server.cut_off()
        await server.stop(patience=0)
        await self._clock.sleep(down)
        try:
            await self.start()
        except OSError as error:
            raise ScenarioError(
                f"the server cannot come back: {error.strerror or error}"
            ) from error

    async def lost(self) -> str:
        """Never: it lives as long as this process."""
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")
