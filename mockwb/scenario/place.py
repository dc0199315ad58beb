"""Where a scenario's server is: started here for the occasion, or running elsewhere already."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from mockwb.config.load import load_config
from mockwb.config.model import ServerConfig
from mockwb.scenario.errors import StartError
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.own_server import ServerHere
from mockwb.scenario.spawned_server import SpawnedServer
from mockwb.scenario.timeline.player import OwnServer
from mockwb.yaml_file import FileError

_HTTP_URL = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[^/\[\]:?#]+)(:\d+)?(/|$)")

WELL_FORMED_KEY = "mockwb" + "0" * 34
"""Forty characters, as all SDKs demand; a server without a key list takes any such key."""


@dataclass(frozen=True)
class Place:
    """A server to run against."""

    url: str
    """Without a trailing slash."""
    api_key: str
    config: ServerConfig | None = None
    """What it was started with; None of a server that somebody else started."""
    admin_token: str | None = None
    """What the server's control API asks for; None if it lets everybody in."""
    server: OwnServer | None = None
    """To restart and kill; None of a server that somebody else started."""


def elsewhere(url: str, api_key: str | None, admin_token: str | None = None) -> Place:
    """A running server; StartError unless `url` is one."""
    if not _HTTP_URL.match(url):
        raise StartError(f"--url: expected http://HOST:PORT, got {url!r}")
    return Place(url=url.rstrip("/"), api_key=api_key or WELL_FORMED_KEY, admin_token=admin_token)


def server_config(loaded: LoadedScenario) -> ServerConfig:
    """The scenario's server: its plan, then its own settings; StartError if they do not fit.

    The environment has no say, so that a scenario means the same on every machine.
    """
    overlay = {
        "port": 0,
        "log": {"level": "error"},
        "fault_seed": loaded.scenario.seed,
        **loaded.server_overlay,
    }
    plan = overlay.pop("plan", None)
    try:
        config = load_config(plan=plan, overlay=overlay, overlay_source=f"{loaded.file}: server")
    except FileError as error:
        raise StartError(str(error)) from error
    if config.tls.certificate is not None:
        raise StartError(f"{loaded.file}: server: tls: clients of a scenario speak plain HTTP")
    return config


@asynccontextmanager
async def started_here(config: ServerConfig) -> AsyncIterator[Place]:
    """A server in this process for as long as the block lasts; StartError if it cannot start."""
    server = ServerHere(config)
    try:
        await server.start()
    except OSError as error:
        raise StartError(
            f"cannot listen on {config.host}:{config.port}: {error.strerror or error}"
        ) from error
    try:
        yield _own(server, config)
    finally:
        await server.stop()


@asynccontextmanager
async def spawned(config: ServerConfig) -> AsyncIterator[Place]:
    """As `started_here`, but in a process of its own."""
    server = SpawnedServer(config, _key(config))
    try:
        await server.start()
        yield _own(server, config)
    finally:
        await server.stop()


def _own(server: ServerHere | SpawnedServer, config: ServerConfig) -> Place:
    token = config.control.admin_token
    return Place(server.url, _key(config), config=config, admin_token=token, server=server)


def _key(config: ServerConfig) -> str:
    """One that the server takes."""
    return config.auth.keys[0].key if config.auth.keys else WELL_FORMED_KEY
