"""The whole control API under schemathesis: no server errors, every answer as described.

By hand, for longer: raise `EXAMPLES`, or run the command of `fuzzed` against any server.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.serve_process import serving

EXAMPLES = 15
"""Per operation and phase."""
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


def fuzzed(folder: Path, url: str, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(SCHEMATHESIS),
        "run",
        f"{url}/_mockwb/openapi.json",
        "--checks=all",
        f"--max-examples={EXAMPLES}",
        "--seed=3",
        "--no-color",
        *flags,
    ]
    root = Path(__file__).parents[2]
    env = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.control.fuzz_hooks",
        "PYTHONPATH": str(root),
    }
    return subprocess.run(
        command, env=env, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
@pytest.mark.parametrize("token", [None, "open-sesame"])
def test_given_any_calls_then_none_breaks_the_server_and_all_answers_are_as_described(
    tmp_path: Path, token: str | None
) -> None:
    env = {"MOCKWB_CONTROL__ADMIN_TOKEN": token or "", "MOCKWB_LOG__LEVEL": "error"}
    with serving(env=env) as server:
        flags = [] if token is None else ["--header", f"Authorization: Bearer {token}"]
        done = fuzzed(tmp_path, server.url, *flags)
        assert done.returncode == 0, done.stdout + done.stderr
