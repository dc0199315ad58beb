"""Tests that need W&B's package `sweeps` run where it is: it cannot be beside all that CI wants."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sdk.environments import sweeps_python

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

_ROOT = Path(__file__).parents[2]
_NEEDY = "package or bayes or controller or scheduler"
_FILES = (
    "tests/backend/test_sweep_search.py",
    "tests/backend/test_sweep_stopping.py",
    "tests/sdk/test_sdk_sweeps.py",
)


@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="`sweeps` pins numpy below 2, which 3.13 has no wheels of"
)
def test_given_the_package_then_what_is_skipped_without_it_passes() -> None:
    inherited = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    run = subprocess.run(
        [
            str(sweeps_python()),
            "-m",
            "pytest",
            "-n0",
            "-k",
            "package or bayes or controller or scheduler",
            *_FILES,
        ],
        cwd=_ROOT,
        env=inherited,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "skipped" not in run.stdout.splitlines()[-1], run.stdout
