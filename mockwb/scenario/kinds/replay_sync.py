"""Recordings through the real `wandb sync`: a process each, on a copy, with a new run ID."""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.kinds.process import run_process, tail
from mockwb.scenario.kinds.sdk_process import environment
from mockwb.scenario.recording.recording import Recording
from mockwb.scenario.workload import Surroundings, Workload, due


async def run_syncs(
    load: Workload, recordings: Sequence[Recording], around: Surroundings
) -> list[ClientResult]:
    """Start a process for each recording in its time and wait for all; a result for each."""
    async with asyncio.TaskGroup() as group:
        clients = [
            group.create_task(_client(load, recording, around, index))
            for index, recording in enumerate(recordings)
        ]
    return [client.result() for client in clients]


async def _client(
    load: Workload, recording: Recording, around: Surroundings, index: int
) -> ClientResult:
    path, run = load.project_of(index), load.run_id(around, index)
    result = ClientResult(workload=load.name, entity=path.entity, project=path.project, run=run)
    if not await due(around, load.start_delay(index, around.seed)):
        result.error = "stopped before its start"
        return result
    with tempfile.TemporaryDirectory(prefix="mockwb-sync-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        python = Path(sys.executable)
        copy = await asyncio.to_thread(_copied, recording, folder, run)
        command = ["-m", "wandb", "sync", "--include-online", "--id", run]
        started_at = around.clock.now()
        exit_code = await run_process(
            [str(python), *command, "-e", path.entity, "-p", path.project, str(copy)],
            folder,
            environment(folder, python, around, os.environ),
            folder / "output.txt",
            around.stop,
        )
        result.rows, result.values = len(recording.rows.texts), sum(recording.points)
        result.note = recording.note
        if exit_code == 0:
            result.finish_seconds = around.clock.now() - started_at
        if exit_code >= 0:
            result.exit_code = exit_code
        if exit_code != 0:
            result.error = _error(folder / "output.txt", exit_code, around)
    return result


def _copied(recording: Recording, folder: Path, run: str) -> Path:
    """A copy of the run's folder, as the SDK would have called it: `wandb sync` writes into it."""
    copy = folder / f"offline-run-20260101_000000-{run}"
    copy.mkdir()
    shutil.copy(recording.path, copy / f"run-{run}.wandb")
    if recording.folder.is_dir():
        shutil.copytree(recording.folder, copy / "files")
    return copy


def _error(output: Path, exit_code: int, around: Surroundings) -> str:
    if exit_code < 0 and around.stop.is_set():
        return "stopped during wandb sync"
    return f"wandb sync ended with code {exit_code}; its last output: {tail(output)}"
