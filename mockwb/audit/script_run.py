"""Runs a command against a server of its own and reads what the server then knows."""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aiohttp
import msgspec

from mockwb.account import Account
from mockwb.clock import ShiftedClock
from mockwb.config.model import ServerConfig
from mockwb.guidance import Guidance
from mockwb.server import Server

T = TypeVar("T")

_HOOK = Path(__file__).parent / "hook"
_KEY = "audit" + "0" * 35
"""A well-formed key."""


@dataclass(frozen=True)
class Audited:
    """What one run of the command showed."""

    exit_code: int
    account: Account
    guidance: Guidance
    calls: Mapping[str, int]
    """`file:line` -> calls of `Run.log` from there."""


async def run_script(
    command: Sequence[str], config: ServerConfig, environ: Mapping[str, str]
) -> Audited:
    """Run `command` with the SDK pointed at a server with `config`, and wait for its end.

    OSError if there is no such program, or no address to listen on.
    """
    with tempfile.TemporaryDirectory(prefix="mockwb-audit-") as folder:
        clock = ShiftedClock()
        async with Server(config, clock) as server:
            python_path = [str(_HOOK), *filter(None, [environ.get("PYTHONPATH")])]
            environment = {
                **environ,
                "WANDB_BASE_URL": server.url,
                "WANDB_API_KEY": config.auth.keys[0].key if config.auth.keys else _KEY,
                "WANDB_MODE": "online",  # whatever keeps the script from logging otherwise
                "PYTHONPATH": os.pathsep.join(python_path),
                "MOCKWB_AUDIT_CALLS": folder,
            }
            process = await asyncio.create_subprocess_exec(*command, env=environment)
            exit_code = await process.wait()
            # Whoever could end a run has ended: runs still open will be crashed ones.
            clock.advance(config.runs.crash_after + 1)
            async with aiohttp.ClientSession(f"{server.url}/_mockwb/") as session:
                account = await _read(session, "account", Account)
                guidance = await _read(session, "guidance", Guidance)
        return Audited(exit_code, account, guidance, _calls(Path(folder)))


async def _read(session: aiohttp.ClientSession, path: str, kind: type[T]) -> T:
    async with session.get(path) as answer:
        return msgspec.json.decode(await answer.read(), type=kind)


def _calls(folder: Path) -> dict[str, int]:
    """The counts of all processes together, most frequent first."""
    calls: Counter[str] = Counter()
    for file in folder.glob("*.json"):
        calls.update(msgspec.json.decode(file.read_bytes(), type=dict[str, int]))
    return dict(calls.most_common())
