"""One real run of the wandb SDK, as a process of its own; `sdk_process` starts it.

Called as `python -P sdk_worker.py ORDER REPORT`, two JSON files. The order says what to log. The
report is rewritten in place after every row, so that it tells the truth even if the process is
killed. This file imports nothing of mockwb: it is a user's script, in real time. Releases of wandb
from 0.16 on run it.
"""

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any, TypedDict

import wandb


class Order(TypedDict):
    """What to log and where."""

    entity: str
    project: str
    run: str
    rows: int
    shape_file: str
    """The module that makes rows out of the three things that follow."""
    plan: dict[str, Any]
    client: int
    pace: list[Any]
    settings: dict[str, Any]
    """Settings of the SDK by name."""


class Report:
    """What has been done so far, on disk at any moment."""

    _WIDTH = 4096

    def __init__(self, path: str) -> None:
        """Create the file."""
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
        self._state: dict[str, object] = {}

    def update(self, **state: object) -> None:
        """Change some fields; one write, so that a reader never sees half of it."""
        self._state.update(state)
        text = json.dumps(self._state)
        os.pwrite(self._file, text.ljust(self._WIDTH).encode(), 0)


def load_shape(file: str) -> Any:
    """The module `mockwb.sdkmodel.logging_shape`, from where it lies."""
    spec = importlib.util.spec_from_file_location("logging_shape", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Rows:
    """What to log and when."""

    def __init__(self, order: Order) -> None:
        """Read the plan and the pace."""
        module = load_shape(order["shape_file"])
        self.pace = module.Pace(*order["pace"])
        self.shape = module.Shape(order["plan"])
        self._client = order["client"]

    def row(self, step: int) -> dict[str, Any]:
        """One row as a user's script has it: media are wandb's objects."""
        row: dict[str, Any] = self.shape.row(step, self._client)
        for key, value in row.items():
            if isinstance(value, dict) and value.get("_type") == "histogram":
                row[key] = wandb.Histogram(np_histogram=(value["values"], value["bins"]))
        for key, media in self.shape.media(step).items():
            path = Path(f"{media.kind}_{media.size}_{media.variant}.{media.extension}")
            if not path.exists():
                with path.open("wb") as file:
                    file.writelines(media.chunks())
            kind = wandb.Image if media.kind == "image" else wandb.Video
            row[key] = kind(str(path))
        return row


def log_rows(run: "wandb.Run", order: Order, report: Report) -> float:
    """Log all rows at their pace; when the last log() returned, in monotonic seconds."""
    rows = Rows(order)
    wall = time.time()  # noqa: TID251 -- a real process in real time
    last = time.monotonic()  # noqa: TID251 -- a real process in real time
    pace = rows.pace.joined(wall)
    start = last + pace.wait(wall)
    for step in range(order["rows"]):
        row = rows.row(step)
        now = time.monotonic()  # noqa: TID251 -- a real process in real time
        wait = start + pace.offset(step) - now
        if wait > 0:
            time.sleep(wait)  # noqa: TID251 -- a real process in real time
        run.log(row)
        last = time.monotonic()  # noqa: TID251 -- a real process in real time
        report.update(rows=step + 1, values=rows.shape.values(step + 1))
    return last


def run_once(order: Order, report: Report) -> None:
    """Init, log, finish."""
    report.update(phase="init")
    run = wandb.init(
        entity=order["entity"],
        project=order["project"],
        id=order["run"],
        settings=wandb.Settings(**order["settings"]),
    )
    report.update(phase="log")
    last_log = log_rows(run, order, report)
    report.update(phase="finish")
    run.finish()
    finished = time.monotonic()  # noqa: TID251 -- a real process in real time
    report.update(phase="done", finish_seconds=finished - last_log)


def bad_settings(settings: dict[str, Any]) -> str | None:
    """What the SDK says against the settings, in one line; None if it takes them."""
    known = _known_settings()
    unknown = sorted(name for name in settings if name not in known)
    if unknown:
        unknown = [f"{name} (but {name[1:]})" if name[1:] in known else name for name in unknown]
        return f"wandb {wandb.__version__} has no setting {', '.join(unknown)}"
    try:
        wandb.Settings(**settings)
    except (ValueError, wandb.errors.UsageError) as error:
        return " ".join(str(error).split())
    return None


def _known_settings() -> set[str]:
    """Names; before 0.19 settings are plain attributes with annotations."""
    fields: dict[str, Any] | None = getattr(wandb.Settings, "model_fields", None)
    if fields is not None:
        return set(fields)
    return {
        name for kind in wandb.Settings.__mro__ for name in getattr(kind, "__annotations__", {})
    }


def main() -> int:
    """Do the order; 0 when the run is finished, 1 when it failed, 2 when its settings are bad."""
    order: Order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    report = Report(sys.argv[2])
    problem = bad_settings(order["settings"])
    if problem:
        report.update(phase="settings", error=problem[:1000])
        return 2
    try:
        run_once(order, report)
    except Exception as error:  # whatever the SDK raises is this run's result
        report.update(error=f"{type(error).__name__}: {' '.join(str(error).split())}"[:1000])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
