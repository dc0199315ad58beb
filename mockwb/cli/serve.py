"""`mockwb serve`: run the server until Ctrl-C or SIGTERM."""

import asyncio
import os
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import uvloop

from mockwb.config.load import load_config
from mockwb.config.model import ServerConfig
from mockwb.limits.plans import plan_names
from mockwb.observe.logging_setup import setup_logging
from mockwb.server import Server
from mockwb.yaml_file import FileError

_PLANS = f"Limits to start from: one of {', '.join(plan_names())}, or a YAML file."

_SETTING_OF = {
    "host": "host",
    "port": "port",
    "project_requests": "limits.project.requests",
    "project_bytes": "limits.project.bytes",
    "api_keys": "auth.keys",
    "crash_after": "runs.crash_after",
    "max_file_size": "storage.max_file_size",
    "log_level": "log.level",
    "log_format": "log.format",
}
"""Flag -> path in the configuration."""


@click.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="Configuration (YAML).")
@click.option("--plan", help=_PLANS)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: 8080]")
@click.option("--project-requests", metavar="N/TIME", help="Requests per project: 60/1m")
@click.option("--project-bytes", metavar="SIZE/TIME", help="Bytes per project: 10MB/1m")
@click.option("--api-key", "api_keys", multiple=True, help="Accept only this key (repeatable).")
@click.option("--crash-after", metavar="TIME", help="Silence after which a run counts as crashed.")
@click.option("--max-file-size", metavar="SIZE", help="Largest upload.  [default: 10GB]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]))
@click.option("--log-format", type=click.Choice(["text", "json"]))
def serve(file: Path | None, plan: str | None, **flags: Any) -> None:
    """Serve W&B's API to SDKs, until Ctrl-C or SIGTERM.

    Settings come from the defaults, the plan, --config, MOCKWB_* variables (such as
    MOCKWB_LIMITS__PROJECT__REQUESTS=60/1m) and flags; later ones win.
    """
    try:
        config = load_config(file=file, plan=plan, environ=os.environ, overlay=overlay_of(flags))
    except FileError as error:
        raise click.UsageError(str(error)) from error
    setup_logging(config.log.level, config.log.format)
    try:
        uvloop.run(_serve(config))
    except OSError as error:
        address = f"{config.host}:{config.port}"
        raise click.ClickException(f"cannot listen on {address}: {error.strerror}") from error


def overlay_of(flags: Mapping[str, Any]) -> dict[str, Any]:
    """The flags that were given, in the shape of the configuration."""
    overlay: dict[str, Any] = {}
    for flag, value in flags.items():
        if value is None or value == ():
            continue
        *sections, last = _SETTING_OF[flag].split(".")
        place = overlay
        for section in sections:
            place = place.setdefault(section, {})
        place[last] = [{"key": key} for key in value] if flag == "api_keys" else value
    return overlay


async def _serve(config: ServerConfig) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Server(config) as server:
        click.echo(_greeting(config, server.url))
        await stop.wait()
        click.echo("stopping: requests under way may end", err=True)


def _greeting(config: ServerConfig, url: str) -> str:
    limits = config.limits.project
    project = f"requests {limits.requests or 'unlimited'}, bytes {limits.bytes or 'unlimited'}"
    keys = config.auth.keys
    key = keys[0].key if keys else secrets.token_hex(20)
    which = "this key is made up; any well-formed one will do" if not keys else "configured"
    return "\n".join(
        [
            f"mockwb is serving at {url}",
            f"plan {config.plan}; per project: {project}",
            "",
            f"  export WANDB_BASE_URL={url}",
            f"  export WANDB_API_KEY={key}  # {which}",
            "",
            f"metrics {url}/metrics   account {url}/_mockwb/account   Ctrl-C stops",
        ]
    )
