"""What clients make of the same limit: a table of how each behaved, as the server saw it.

`python -m tests.sdk.client_behaviour` prints it as Markdown, after about a minute. It needs the
wandb package, and installs an old release of it into a virtual environment of its own.
"""

import json
import logging
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from mockwb.account import Account
from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.units import format_duration, format_size
from tests.sdk.conftest import Sdk, serving
from tests.sdk.environments import old_sdk_python
from tests.sdk.naive_client import hammer

RetryAfter = Literal["off", "reset"]

OLD = "0.16.6"
ROWS = 15
LIMIT = "1/5s"
"""file_stream requests per run."""
_RUN = "r1"
_STEPS = 4


@dataclass(frozen=True)
class Contestant:
    """A kind of client."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
    python: Callable[[], str | Path] = lambda: sys.executable


@dataclass(frozen=True)
class Outcome:
    """What came of one client under the limit."""

    behaviour: ClientAccount
    """On file_stream."""
    rows_lost: int


def log_rows(entity: str, project: str, run: str, rows: int, settings: dict[str, Any]) -> Any:
    """A training loop with the SDK: a row per second."""
    import time

    import wandb

    made = wandb.init(entity=entity, project=project, id=run, settings=wandb.Settings(**settings))
    for step in range(rows):
        made.log({"loss": 1 / (step + 1)})
        time.sleep(1)  # noqa: TID251 -- a process of its own
    made.finish()
    return wandb.__version__


NAIVE = Contestant(hammer, {"batch": 10})
NEW_SDK = Contestant(log_rows, {"settings": {"x_file_stream_transmit_interval": 2}})
OLD_SDK = Contestant(log_rows, {"settings": {}}, python=lambda: old_sdk_python(OLD))


def measure(contestant: Contestant, retry_after: RetryAfter, folder: Path) -> Outcome:
    """Let one client log `ROWS` rows to a server of its own."""
    limits = {"run": {"requests": LIMIT}, "reset": "empty", "retry_after": retry_after}
    with serving(limits=limits) as server:
        place = {"entity": "team", "project": "behaviour", "run": _RUN}
        sdk = Sdk(server.url, folder, contestant.python())
        arguments: dict[str, Any] = {"rows": ROWS, **place, **contestant.arguments}
        sdk.run(contestant.function, expected=".", **arguments)
        clients = msgspec.convert(_get(f"{server.url}/_mockwb/clients?run={_RUN}"), ClientAccounts)
        account = msgspec.convert(_get(f"{server.url}/_mockwb/account?run={_RUN}"), Account)
    (behaviour,) = (one for one in clients.clients if one.endpoint == "file_stream")
    return Outcome(behaviour, ROWS - account.runs[0].rows_stored)


def measure_all(cases: list[tuple[Contestant, RetryAfter]], folder: Path) -> list[Outcome]:
    """As `measure`, all at a time: nearly all they do is wait."""
    with ThreadPoolExecutor(len(cases)) as threads:
        running = [
            threads.submit(measure, contestant, retry_after, folder / str(number))
            for number, (contestant, retry_after) in enumerate(cases)
        ]
        return [each.result() for each in running]


def table(cases: list[tuple[RetryAfter, Outcome]]) -> str:
    """Markdown: a row per client."""
    header = (
        *(
            "client",
            "a 429 carries",
            "requests",
            "429s",
            "retries",
            "premature",
            "shortest wait of advised",
        ),
        *("median wait", "waits before retry 1, 2, ...", "bytes sent again", "rows lost"),
    )
    lines = [header, tuple("---" for _ in header)]
    lines += [(*_names(retry_after, outcome), *_cells(outcome)) for retry_after, outcome in cases]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _names(retry_after: RetryAfter, outcome: Outcome) -> tuple[str, str]:
    """Who it was, as the server tells, and what a refusal said."""
    seen = outcome.behaviour
    name = f"wandb {seen.sdk_version}" if seen.sdk_version else seen.user_agent
    return name, "RateLimit-Reset" if retry_after == "off" else "RateLimit-Reset, Retry-After"


def _cells(outcome: Outcome) -> tuple[str, ...]:
    seen = outcome.behaviour
    wait = seen.least_patient
    steps = [_seconds(step.median_wait) for step in seen.backoff]
    return (
        f"{seen.requests:,}",
        f"{seen.refused:,}",
        f"{seen.retries:,}",
        f"{seen.premature_retries:,}",
        f"{_seconds(wait.waited)} of {_seconds(wait.advised)}" if wait else "-",
        _seconds(seen.median_wait) if seen.median_wait is not None else "-",
        ", ".join(steps[:_STEPS]) + ", ..." * (len(steps) > _STEPS) or "-",
        format_size(seen.bytes_resent),
        f"{outcome.rows_lost:,}",
    )


def _seconds(seconds: float) -> str:
    return format_duration(round(seconds, 4 if seconds < 0.1 else 1))


def _get(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def main() -> None:
    """Print the table: without Retry-After, and with."""
    logging.getLogger("mockwb").setLevel(logging.ERROR)
    OLD_SDK.python()  # before anything is timed
    cases: list[tuple[Contestant, RetryAfter]] = [
        (NEW_SDK, "off"),
        (NEW_SDK, "reset"),
        (OLD_SDK, "off"),
        (OLD_SDK, "reset"),
        (NAIVE, "off"),
        (NAIVE, "reset"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        outcomes = measure_all(cases, Path(folder))
    print(table([(case[1], outcome) for case, outcome in zip(cases, outcomes, strict=True)]))


if __name__ == "__main__":
    main()
