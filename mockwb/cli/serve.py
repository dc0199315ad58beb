"""`mockwb serve`: run the server until Ctrl-C or SIGTERM."""

import asyncio
import gc
import os
import secrets
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import uvloop

from mockwb.cli.limit_words import LIMIT_NAMES, LimitWordsError, limit_lines, read_limits
from mockwb.config.load import load_config, merge
from mockwb.config.model import ServerConfig
from mockwb.control.access import ExposedControlError
from mockwb.faults.profiles import profile_names
from mockwb.limits.plans import plan_names
from mockwb.observe.logging_setup import setup_logging
from mockwb.server import Server, TlsFilesError
from mockwb.yaml_file import FileError

_PLANS = f"Limits to start from: {', '.join(plan_names())}, or a YAML file. See `mockwb plans`."
_LIMIT = f"A limit, such as run.requests=2/1s,60/1m (repeatable): {LIMIT_NAMES}."

_PROFILE = f"Faults to start with: {', '.join(profile_names())}."

_FIXTURE_PORT = "Serve the fixture service of W&B's own SDK tests there, to whoever reaches it."

_SETTING_OF = {
    "host": "host",
    "port": "port",
    "fixture_port": "fixture_port",
    "project_requests": "limits.project.requests",
    "project_bytes": "limits.project.bytes",
    "api_keys": "auth.keys",
    "tls_certificate": "tls.certificate",
    "tls_key": "tls.key",
    "admin_token": "control.admin_token",
    "control": "control.enabled",
    "crash_after": "runs.crash_after",
    "fault_profile": "fault_profile",
    "max_file_size": "storage.max_file_size",
    "proxy": "proxy",
    "journal": "journal.file",
    "journal_bodies": "journal.bodies",
    "log_level": "log.level",
    "log_format": "log.format",
}
"""Flag -> path in the configuration."""


@click.command()
@click.option("--config", "file", type=click.Path(path_type=Path), help="Configuration (YAML).")
@click.option("--plan", help=_PLANS)
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one.  [default: 8080]")
@click.option("--fixture-port", type=click.IntRange(0, 65535), help=_FIXTURE_PORT)
@click.option("--limit", "limits", metavar="SCOPE.NAME=RATES", multiple=True, help=_LIMIT)
@click.option(
    "--project-requests", metavar="RATES", help="Short for --limit project.requests=RATES."
)
@click.option("--project-bytes", metavar="RATES", help="Short for --limit project.bytes=RATES.")
@click.option("--api-key", "api_keys", multiple=True, help="Accept only this key (repeatable).")
@click.option("--tls-certificate", metavar="FILE", help="Serve HTTPS with it (PEM).")
@click.option("--tls-key", metavar="FILE", help="Its private key (PEM).")
@click.option("--admin-token", metavar="TEXT", help="Asked of whoever calls /_mockwb/.")
@click.option("--no-control", "control", flag_value=False, default=None, help="No /_mockwb/.")
@click.option("--crash-after", metavar="TIME", help="Silence after which a run counts as crashed.")
@click.option("--max-file-size", metavar="SIZE", help="Largest upload.  [default: 10GB]")
@click.option("--fault-profile", metavar="NAME", help=_PROFILE)
@click.option("--proxy", metavar="URL", help="Pass W&B's own paths on to the server there.")
@click.option("--journal", metavar="FILE", help="Append every request there, as a line of JSON.")
@click.option(
    "--journal-bodies",
    flag_value=True,
    default=None,
    help="Keep headers and bodies of requests too, without keys.",
)
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]))
@click.option("--log-format", type=click.Choice(["text", "json"]))
def serve(file: Path | None, plan: str | None, limits: tuple[str, ...], **flags: Any) -> None:
    """Serve W&B's API to SDKs, until Ctrl-C or SIGTERM.

    Settings come from the defaults, the plan, --config, MOCKWB_* variables (such as
    MOCKWB_LIMITS__PROJECT__REQUESTS=60/1m) and flags; later ones win.
    """
    try:
        overlay = merge(overlay_of(flags), {"limits": read_limits(limits)})
        config = load_config(file=file, plan=plan, environ=os.environ, overlay=overlay)
    except LimitWordsError as error:
        raise click.UsageError(f"--limit: {error}") from error
    except FileError as error:
        raise click.UsageError(str(error)) from error
    setup_logging(config.log.level, config.log.format)
    try:
        uvloop.run(_serve(config))
    except ExposedControlError as error:
        click.echo(f"Error: {error.strerror}", err=True)
        raise SystemExit(click.UsageError.exit_code) from error
    except TlsFilesError as error:
        raise click.UsageError(str(error)) from error
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
        _spare_the_collector()
        click.echo(_greeting(config, server))
        await stop.wait()
        click.echo("stopping: requests under way may end", err=True)


def _spare_the_collector() -> None:
    """Have garbage looked for less often, and never among what stays until the end.

    A server keeps nearly all that it makes: to look for garbage finds little and takes long.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _greeting(config: ServerConfig, server: Server) -> str:
    url, limits = server.url, limit_lines(config.limits)
    declared = [user.key for user in config.people.users if user.key is not None]
    keys = [*(entry.key for entry in config.auth.keys), *declared]
    key = keys[0] if keys else secrets.token_hex(20)
    which = "this key is made up; any well-formed one will do" if not keys else "configured"
    if config.people.users and not keys:
        key, which = "...", "people are declared, and none with a key; give one a `key`"
    if config.proxy is not None:
        key, which = "...", f"yours at {config.proxy}"
    fixtures = [f"fixtures {server.fixture_url}"] if server.fixture_url is not None else []
    account = f"account {url}/_mockwb/account   " if config.control.enabled else ""
    return "\n".join(
        [
            f"mockwb is serving at {url}",
            *([f"passing W&B's paths on to {config.proxy}"] if config.proxy is not None else []),
            f"plan {config.plan}{'' if limits else ': nothing is limited'}",
            *(f"  {line}" for line in limits),
            "",
            f"  export WANDB_BASE_URL={url}",
            f"  export WANDB_API_KEY={key}  # {which}",
            "",
            *fixtures,
            f"metrics {url}/metrics   {account}Ctrl-C stops",
        ]
    )
