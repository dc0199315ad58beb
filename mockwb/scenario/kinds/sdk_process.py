"""Starts one worker process of the wandb SDK, waits for it, and reads what it got done."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.kinds.process import run_process, tail, wandb_folders
from mockwb.scenario.workload import Surroundings

_WORKER = Path(__file__).with_name("sdk_worker.py")
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "SYSTEMROOT")
_OF_THIS_PYTHON = ("PYTHONPATH", "VIRTUAL_ENV")
"""An environment with another release of the SDK has packages of its own."""


def environment(
    folder: Path, python: Path, around: Surroundings, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Variables of a worker: the server, and nothing of the user's own logins and settings."""
    names = (*_INHERITED, *(_OF_THIS_PYTHON if python == Path(sys.executable) else ()))
    kept = {name: inherited[name] for name in names if name in inherited}
    return {
        **kept,
        "HOME": str(folder),
        "NETRC": str(folder / "netrc"),
        "WANDB_BASE_URL": around.base_url,
        "WANDB_API_KEY": around.api_key,
        **wandb_folders(folder),
    }


class RowsLogged:
    """How many rows the workers of a workload have logged so far; called while they run."""

    def __init__(self) -> None:
        self._reports: set[Path] = set()
        self._by_others = 0

    def __call__(self) -> int:
        """By those that run, as their reports say, and those that ended."""
        return self._by_others + sum(map(_rows, self._reports))

    @contextmanager
    def counting(self, report: Path) -> Iterator[None]:
        """Count the rows of the worker that writes `report` while the block lasts."""
        self._reports.add(report)
        try:
            yield
        finally:
            self._reports.discard(report)
            self._by_others += _rows(report)


async def run_worker(
    workload: str, order: dict[str, Any], python: Path, around: Surroundings, logged: RowsLogged
) -> ClientResult:
    """One run by `python`'s SDK from spawn to exit, or to the kill that follows `around.stop`.

    Its rows count in `logged`.
    """
    with tempfile.TemporaryDirectory(prefix="mockwb-sdk-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "order.json").write_text(json.dumps(order), encoding="utf-8")
        with logged.counting(folder / "report.json"):
            exit_code = await run_process(
                [str(python), "-P", str(_WORKER), "order.json", "report.json"],
                folder,
                environment(folder, python, around, os.environ),
                folder / "output.txt",
                around.stop,
            )
        return _result(workload, order, folder, exit_code, stopped=around.stop.is_set())


def _result(
    workload: str, order: dict[str, Any], folder: Path, exit_code: int, *, stopped: bool
) -> ClientResult:
    report = _read_report(folder / "report.json")
    killed = exit_code < 0
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


def _rows(report: Path) -> int:
    rows = _read_report(report).get("rows", 0)
    return rows if isinstance(rows, int) else 0


def _read_report(path: Path) -> dict[str, Any]:
    try:
        report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # the worker never got as far as its first report
        return {}
    return report


def _error(report: dict[str, Any], folder: Path, exit_code: int, *, stopped: bool) -> str | None:
    """Why the run did not end well: what the worker says, else the last that the SDK printed."""
    if exit_code == 0:
        return None
    phase = report.get("phase", "start")
    if stopped:
        return f"stopped during {phase}"
    if report.get("error"):
        return str(report["error"])
    last = tail(folder / "output.txt")
    return f"the process ended during {phase} with code {exit_code}; its last output: {last}"
