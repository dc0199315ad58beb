"""`mockwb audit` with scripts that use the real SDK."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sdk

TIDY = """
import wandb

with wandb.init(project="demo") as run:
    for step in range(20):
        run.log({"loss": step, f"layer/{step}": 1})
"""
KILLED = """
import os, signal, wandb

run = wandb.init(project="demo")
run.log({"loss": 1})
os.killpg(0, signal.SIGKILL)
"""

SLOW = """
import time, wandb

settings = wandb.Settings(x_file_stream_transmit_interval=1)
with wandb.init(project="demo", settings=settings) as run:
    for step in range(20):
        run.log({"loss": step})
        time.sleep(0.15)
"""


def audit(folder: Path, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "train.py").write_text(script)
    home = {"HOME": str(folder), "WANDB_DIR": str(folder), "WANDB_SILENT": "true"}
    home["WANDB_MODE"] = "offline"  # as it may be where scripts log to nobody
    own_group = ("setsid", "-w", sys.executable, "train.py")
    return subprocess.run(
        [sys.executable, "-m", "mockwb", "audit", *options, "--", *own_group],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", "")} | home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_given_a_script_within_all_ranges_then_nothing_is_found_and_it_exits_0(
    tmp_path: Path,
) -> None:
    done = audit(tmp_path, TIDY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 rows, 40 values" in done.stdout
    assert f"{tmp_path}/train.py:6: 20 calls of log()" in done.stdout
    assert "most metrics begin with: layer (20), loss (1)" in done.stdout
    assert done.stdout.endswith("nothing found\n")


def test_given_a_range_that_is_left_then_it_is_named_and_the_exit_code_is_1(
    tmp_path: Path,
) -> None:
    (tmp_path / "ranges.yaml").write_text("guidance: {metrics_per_project: 20}")
    done = audit(tmp_path, TIDY, "--config", "ranges.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "metrics_per_project: 21 metrics since 20" in done.stdout
    assert ", guidance is 20; " in done.stdout
    assert done.stdout.endswith("1 found\n")


def test_given_a_script_that_is_killed_then_its_run_was_not_delivered_whole(
    tmp_path: Path,
) -> None:
    done = audit(tmp_path, KILLED)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "delivery: incomplete: it ended without a finish mark" in done.stdout
    assert "ended with exit code" in done.stdout


def test_given_a_fault_that_kills_the_stream_then_the_lines_that_are_lost_are_named(
    tmp_path: Path,
) -> None:
    fault = {
        "match": {"endpoint": "file_stream", "from_number": 3},
        "what": {"kind": "status", "status": 403},
    }
    (tmp_path / "faults.yaml").write_text(json.dumps({"faults": [fault]}))
    done = audit(tmp_path, SLOW, "--config", "faults.yaml")
    assert done.returncode == 1, done.stdout + done.stderr
    found = re.search(
        r"delivery: incomplete: wandb-history.jsonl: lines? (\d+).* missing, it ended without a"
        r" finish mark and had logged up to step 19, the last row is of step (\d+)\n1 found",
        done.stdout,
    )
    assert found, done.stdout
    first_lost, last_stored = map(int, found.groups())
    assert first_lost == last_stored + 1
    assert f"{first_lost} rows, {first_lost} values" in done.stdout


def test_given_no_such_command_then_it_exits_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockwb", "audit", "--", "no-such-command"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, "cannot run no-such-command" in done.stderr) == (2, True)
