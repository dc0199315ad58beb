"""One process of a workload, from its start to its end or to the scenario's."""

import asyncio
import os
import re
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_TAIL_LENGTH = 400


async def run_process(
    command: Sequence[str],
    folder: Path,
    variables: Mapping[str, str],
    output: Path,
    stop: asyncio.Event,
) -> int:
    """Run `command` in `folder` with its output in the file `output`; its exit code.

    It is killed with its process group at `stop`, or when this is cancelled: the code then is
    negative, the signal's number. OSError if it cannot be started.
    """
    with output.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(variables),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=file,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle, not the worker's
        )
    try:
        await _ended(process, stop)
    finally:
        if process.returncode is None:
            # wandb-core, the SDK's own child, ends by itself when it sees the worker gone.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode is not None
    return process.returncode


def wandb_folders(folder: Path) -> dict[str, str]:
    """Variables that keep all that the SDK writes below `folder`."""
    return {
        "WANDB_DIR": str(folder),
        "WANDB_CACHE_DIR": str(folder / "cache"),
        "WANDB_CONFIG_DIR": str(folder / "config"),
        "WANDB_DATA_DIR": str(folder / "data"),
        "WANDB_ARTIFACT_DIR": str(folder / "artifacts"),
    }


def tail(path: Path) -> str:
    """The end of a process's output, in one line and without colours."""
    text = _COLOUR.sub("", path.read_text(encoding="utf-8", errors="replace"))
    lines = " | ".join(line.strip() for line in text.splitlines() if line.strip())
    return lines[-_TAIL_LENGTH:] or "none"


async def _ended(process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    """Return when the process exits or when it shall not go on."""
    waiting = {asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
