"""Starts one worker process of the wandb SDK, waits for it, and reads what it got done."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mockwb.scenario.client_result import ClientResult

_WORKER = Path(__file__).with_name("sdk_worker.py")
_INHERITED = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_TAIL_LENGTH = 400


def environment(
    folder: Path, base_url: str, api_key: str, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Variables of a worker: the server, and nothing of the user's own logins and settings."""
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    return {
        **kept,
        "HOME": str(folder),
        "NETRC": str(folder / "netrc"),
        "WANDB_BASE_URL": base_url,
        "WANDB_API_KEY": api_key,
        "WANDB_DIR": str(folder),
        "WANDB_CACHE_DIR": str(folder / "cache"),
        "WANDB_CONFIG_DIR": str(folder / "config"),
        "WANDB_DATA_DIR": str(folder / "data"),
        "WANDB_ARTIFACT_DIR": str(folder / "artifacts"),
    }


async def run_worker(
    workload: str, order: dict[str, Any], base_url: str, api_key: str, stop: asyncio.Event
) -> ClientResult:
    """One run from spawn to exit, or to the kill that follows `stop`."""
    with tempfile.TemporaryDirectory(prefix="mockwb-sdk-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
        async with _started(folder, environment(folder, base_url, api_key, os.environ)) as process:
            await _ended(process, stop)
        return _result(workload, order, folder, process.returncode, stopped=stop.is_set())


@asynccontextmanager
async def _started(folder: Path, env: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker with its output in `output.txt`; it never outlives the block."""
    with (folder / "output.txt").open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_WORKER),
            "order.json",
            "report.json",
            cwd=folder,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle, not the worker's
        )
    try:
        yield process
    finally:
        if process.returncode is None:
            # wandb-core, the SDK's own child, ends by itself when it sees the worker gone.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _ended(process: asyncio.subprocess.Process, stop: asyncio.Event) -> None:
    """Return when the worker exits or when it shall not go on."""
    waiting = {asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


def _result(
    workload: str, order: dict[str, Any], folder: Path, exit_code: int | None, *, stopped: bool
) -> ClientResult:
    report = _read_report(folder / "report.json")
    killed = exit_code is None or exit_code < 0
    return ClientResult(
        workload=workload,
        entity=order["entity"],
        project=order["project"],
        run=order["run"],
        rows=report.get("rows", 0),
        values=report.get("values", 0),
        finish_seconds=report.get("finish_seconds"),
        exit_code=None if killed else exit_code,
        error=_error(report, folder, exit_code, stopped=stopped and killed),
    )


def _read_report(path: Path) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the worker never got as far as its first report
        return {}
    return report


def _error(
    report: dict[str, Any], folder: Path, exit_code: int | None, *, stopped: bool
) -> str | None:
    """Why the run did not end well: what the worker says, else the last that the SDK printed."""
    if exit_code == 0:
        return None
    phase = report.get("phase", "start")
    if stopped:
        return f"stopped during {phase}"
    if report.get("error"):
        return str(report["error"])
    tail = _tail(folder / "output.txt")
    return f"the process ended during {phase} with code {exit_code}; its last output: {tail}"


def _tail(path: Path) -> str:
    """The end of a worker's output, in one line and without colours."""
    text = _COLOUR.sub("", path.read_text(encoding="utf-8", errors="replace"))
    lines = " | ".join(line.strip() for line in text.splitlines() if line.strip())
    return lines[-_TAIL_LENGTH:] or "none"
