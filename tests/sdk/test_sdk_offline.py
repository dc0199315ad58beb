"""Runs that were logged without a network, and synced later through a limit."""

from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk


def log_offline_and_sync(project: str, runs: int, rows: int) -> Any:
    import glob
    import subprocess
    import sys

    import wandb

    for number in range(runs):
        run = wandb.init(project=project, id=f"off{number}", mode="offline", tags=["off"])
        for i in range(rows):
            run.log({"x": i})
        print("said", number)
        run.finish()
    folders = glob.glob("wandb/offline-run-*")
    subprocess.run([sys.executable, "-m", "wandb", "sync", *folders], check=True)
    return {
        run.id: {
            "state": run.state,
            "tags": run.tags,
            "rows": [row["x"] for row in run.scan_history()],
            "console": [line.content for line in run.console_logs()],
        }
        for run in wandb.Api().runs(project)
    }


def test_a_sync_that_is_throttled_loses_nothing(tmp_path: Path, project: str) -> None:
    with serving(limits={"project": {"requests": "1/2s"}}) as server:
        sdk = Sdk(server.url, tmp_path)
        found = sdk.run(log_offline_and_sync, project=project, runs=2, rows=300, expected="429")
        refused = [sdk.account(run)["refused"] for run in found]
    assert found == {
        f"off{number}": {
            "state": "finished",
            "tags": ["off"],
            "rows": list(range(300)),
            "console": [f"said {number}"],
        }
        for number in range(2)
    }
    assert any("project.requests" in refusals for refusals in refused)
