"""A server in a process of its own, so with a core to itself, for one scenario. See `place`."""

import asyncio
import os
import re
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import aiohttp
import msgspec

from mockwb.clock import Clock, RealClock
from mockwb.config.model import ServerConfig
from mockwb.config.plain import plain
from mockwb.scenario.errors import ScenarioError, StartError

_SERVING_AT = re.compile(rb"serving at (\S+?)(:\d+)\s")
_FAULT = "restart"
"""What accounts call a restart: to the server it is a fault."""
_AGAIN = 0.1
"""Seconds between two attempts to reach a server that comes back."""


class SpawnedServer:
    """One address, and the `mockwb serve` that listens there unless it is down."""

    def __init__(self, config: ServerConfig, api_key: str, clock: Clock | None = None) -> None:
        """Nothing runs before `start`; the server takes `api_key`."""
        self._config = config
        self._headers = {"Authorization": aiohttp.encode_basic_auth("api", api_key)}
        self._clock = clock or RealClock()
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        """Where it listens, once it has started."""

    async def start(self) -> None:
        """Return when it serves; StartError if it ends instead, with its own words on stderr."""
        with tempfile.TemporaryDirectory(prefix="mockwb-serve-") as folder:
            file = Path(folder) / "config.yaml"
            file.write_bytes(msgspec.json.encode(plain(self._config)))  # JSON is YAML too
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mockwb", "serve", "--config", str(file)),
                env={k: v for k, v in os.environ.items() if not k.startswith("MOCKWB_")},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to handle
            )
            url, port = await self._greeting(self._process)
        self._config = msgspec.structs.replace(self._config, port=port)
        self.url = url

    async def stop(self) -> None:
        """Let requests under way end."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def restart(self, down: float) -> None:
        """Let nobody in for `down` seconds; what is stored is kept.

        The process cannot give its world to another one, so it stays, with its port closed.
        """
        fault = {
            "name": _FAULT,
            "match": {"endpoint": "graphql"},
            "when": {"first": 1},
            "what": {"kind": "refuse", "time": down},
        }
        async with aiohttp.ClientSession() as session:
            async with session.post(
                f"{self.url}/_mockwb/faults", json=fault, headers=self._control
            ) as answer:
                if answer.status != 200:
                    raise ScenarioError(f"restart: {await answer.text()}")
            query = {"query": "{ viewer { id } }"}
            with suppress(aiohttp.ClientError):
                async with session.post(f"{self.url}/graphql", json=query, headers=self._headers):
                    pass
            await self._clock.sleep(down)
            await self._unfault(session)

    async def kill(self, down: float) -> None:
        """End it as a crash does, and start another one after `down` seconds; StartError."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        await process.wait()
        await self._clock.sleep(down)
        await self.start()

    async def lost(self) -> str:
        """Return the process's exit code, in words, once it has ended without being told to."""
        while True:
            process = self._process
            if process is not None:
                code = await process.wait()
                if process is self._process:
                    return f"the server's process ended by itself, with exit code {code}"
            await self._clock.sleep(_AGAIN)  # killed, and not back yet

    @property
    def _control(self) -> dict[str, str]:
        token = self._config.control.admin_token
        return {} if token is None else {"Authorization": f"Bearer {token}"}

    async def _unfault(self, session: aiohttp.ClientSession) -> None:
        """Remove the fault, as soon as the server can be reached again."""
        while True:
            try:
                async with session.delete(
                    f"{self.url}/_mockwb/faults", params={"name": _FAULT}, headers=self._control
                ):
                    return
            except aiohttp.ClientError:
                await self._clock.sleep(_AGAIN)

    @staticmethod
    async def _greeting(process: asyncio.subprocess.Process) -> tuple[str, int]:
        """URL and port, as the server says them."""
        assert process.stdout is not None
        async for line in process.stdout:
            found = _SERVING_AT.search(line)
            if found:
                base, port = found.group(1).decode(), found.group(2).decode()
                return base + port, int(port[1:])
        raise StartError(f"the server did not start: exit code {await process.wait()}")
