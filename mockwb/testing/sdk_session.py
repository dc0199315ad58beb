"""The SDK inside the test's own process, which reads its environment only once. For the plugin.

Nothing here imports the SDK: what was not imported needs no care.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_KEPT = frozenset({"WANDB_SILENT", "WANDB_QUIET", "WANDB_CONSOLE", "WANDB_DEBUG"})
"""What only says how much the SDK prints."""
_FOLDERS = {
    "WANDB_DIR": "",
    "WANDB_CACHE_DIR": "cache",
    "WANDB_CONFIG_DIR": "config",
    "WANDB_DATA_DIR": "data",
    "WANDB_ARTIFACT_DIR": "artifacts",
}


@contextmanager
def sdk_session(env: dict[str, str], folder: Path) -> Iterator[None]:
    """An environment with `env` and all of the SDK's files below `folder`; then as it was.

    Whatever else the environment says to the SDK is hidden. Runs still open at the end are
    finished, and the SDK forgets settings and key, before and after.
    """
    found = {name: value for name, value in os.environ.items() if name.startswith("WANDB_")}
    _forget()
    try:
        for name in found.keys() - _KEPT:
            del os.environ[name]
        for name, below in _FOLDERS.items():
            path = folder / below
            path.mkdir(parents=True, exist_ok=True)
            os.environ[name] = str(path)
        os.environ |= {"WANDB_MODE": "online", "WANDB_ERROR_REPORTING": "false", **env}
        yield
    finally:
        try:
            _finish_runs()
            _forget()
        finally:
            for name in [name for name in os.environ if name.startswith("WANDB_")]:
                del os.environ[name]
            os.environ |= found


def _finish_runs() -> None:
    """Finish runs that the test has left open, the latest first."""
    wandb = sys.modules.get("wandb")
    while (run := getattr(wandb, "run", None)) is not None:
        run.finish()
        if getattr(wandb, "run", None) is run:  # an SDK that does not say so any more
            break


def _forget() -> None:
    """Let the SDK read its environment anew when it is used next."""
    teardown = getattr(sys.modules.get("wandb"), "teardown", None)
    if teardown is not None:
        teardown()
