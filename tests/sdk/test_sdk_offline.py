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


def sync_again(project: str) -> Any:
    import glob
    import subprocess
    import sys

    import wandb

    made = wandb.init(project=project, id="twice", mode="offline", config={"lr": 1}, tags=["t"])
    for i in range(3):
        made.log({"x": i})
    print("said once")
    made.finish()
    (folder,) = glob.glob("wandb/offline-run-*")
    command = [sys.executable, "-m", "wandb", "sync", "--include-synced", folder]
    found = []
    for _ in range(2):
        subprocess.run(command, check=True)
        (run,) = wandb.Api().runs(project)
        entry = {"state": run.state, "config": dict(run.config), "tags": run.tags}
        entry["rows"] = [[row["_step"], row["x"]] for row in run.scan_history()]
        entry["summary"] = run.summary["x"]
        entry["console"] = [line.content for line in run.console_logs()]
        entry["files"] = sorted(file.name for file in run.files())
        found.append(entry)
    return found


def test_a_folder_that_is_synced_twice_adds_its_rows_to_the_run_again(
    sdk: Sdk, project: str
) -> None:
    once, twice = sdk.run(sync_again, project=project)
    rows = [[0, 0], [1, 1], [2, 2]]
    assert once["rows"] == rows
    assert (once["state"], once["console"], once["summary"]) == ("finished", ["said once"], 2)
    # A run that exists keeps its lines, and what is not resumed is written behind them.
    assert twice == once | {"rows": sorted(rows + rows)}
