"""Old and new releases of the SDK against the server: whether each logs and reads a run well.

`python -m tests.sdk.sdk_matrix` prints a table as Markdown. It installs each release into a
virtual environment of its own, where the next call finds it.
"""

import hashlib
import logging
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sdk import sdk_smoke
from tests.sdk.conftest import KEY, USER, Sdk, serving
from tests.sdk.environments import old_sdk_python

RELEASES = (
    *("0.16.6", "0.17.9", "0.18.7", "0.19.11", "0.20.1", "0.21.4", "0.22.3", "0.23.1"),
    *("0.24.2", "0.25.1", "0.26.1", "0.27.2", "0.28.2", "0.29.0", "0.30.0", "0.31.0"),
)
SOME = ("0.16.6", "0.19.11", "0.25.1", "0.31.0")
"""The oldest, the newest and two between, where all would take too long."""


def releases(config: pytest.Config) -> tuple[str, ...]:
    """All of them if the matrix is asked for by its marker, else some."""
    return RELEASES if "matrix" in config.getoption("markexpr") else SOME


LIMITS = {"project": {"requests": "1/10s", "query_time": "60ms/2s"}}
"""Tight enough that both the stream of any release and its GraphQL requests meet a 429.

No limit per user: 0.19 to 0.27 ask once whether a key is valid, and give up if that is refused.
From 0.22 on, every `wandb.Api()` asks; in 0.22 `run.log` of a table makes one.
"""
_LIMITED_ENDPOINTS = 2
"""file_stream and graphql."""
_ATTEMPTS = 3
_SAID_OF_REFUSALS = "|".join(
    (
        *("429", "[Rr]ate limit", "[Rr]etry", "Traceback", "HTTPError", "http_status"),
        "Network error resolved",  # 0.16, of a stream that was held up
    )
)
_SAID_ANYWAY = "|".join(
    (
        "Symlinked 1 file",  # so that run.save keeps sending it
        "The new W&B backend becomes opt-out",  # an advertisement in 0.17
        "No job ingredients found|No source type found",  # the test's folder holds no repository
        r"UnsupportedFieldAttributeWarning|warnings\.warn\(",  # 0.21, of a later pydantic
        # 0.21 to 0.30 then do it themselves; later ones do not ask.
        "server does not expand metric globs",
    )
)
"""What some releases say of trouble whatever the server does, but for the last."""
_ROUTINE = {("telemetry", "404")}
"""Error answers that a release asks for; see `mockwb.observe.request_log`."""


@dataclass(frozen=True)
class Outcome:
    """What came of one smoke run of one release."""

    requests: int
    refused: dict[str, int]
    """Endpoint -> requests answered with 429."""
    failed: list[str]
    """Answers of 400 and more, other than 429: what the release asked and the server has not."""
    rows_stored: int
    complaints: list[str]
    """What did not come back as it was sent, and what the release said of trouble."""

    @property
    def remarks(self) -> list[str]:
        """What went wrong; nothing if everything came back and no request failed for good."""
        return [*self.failed, *self.complaints]


def measure(release: str, folder: Path, limits: dict[str, Any] | None = None) -> Outcome:
    """Let `release` log a run to a server of its own and read it back.

    Under `limits` it may say that it was refused. Raises AssertionError if a process fails.
    """
    said = f"{_SAID_ANYWAY}|{_SAID_OF_REFUSALS}" if limits else _SAID_ANYWAY
    settings: dict[str, Any] = {"limits": limits} if limits else {}
    with serving(auth={"keys": [{"key": KEY, "user": USER}]}, **settings) as server:
        sdk = Sdk(server.url, folder, old_sdk_python(release))
        arguments: dict[str, Any] = {
            "project": "smoke",
            "rows": sdk_smoke.ROWS,
            "exit_code": sdk_smoke.EXIT_CODE,
        }
        logged = sdk.run(sdk_smoke.log, expected=said, **arguments)
        found = sdk.run(sdk_smoke.read, path=logged["path"], expected=said)
        account = sdk.ask("account")
    (run,) = account["runs"]
    answers = Counter[tuple[str, str]]()
    for requests in (account["other_requests"], run["requests"]):
        for endpoint, statuses in requests.items():
            for status, count in statuses.items():
                answers[endpoint, status] += count
    return Outcome(
        requests=answers.total(),
        refused={endpoint: n for (endpoint, status), n in answers.items() if status == "429"},
        failed=[
            f"{count} x {endpoint} {status}"
            for (endpoint, status), count in sorted(answers.items())
            if int(status) >= 400 and status != "429" and (endpoint, status) not in _ROUTINE
        ],
        rows_stored=run["rows_stored"],
        complaints=[*_differences(release, logged, found), *(f"gap: {gap}" for gap in run["gaps"])],
    )


def measure_both(release: str, folder: Path) -> tuple[Outcome, Outcome]:
    """Without limits and under `LIMITS`, at once: each mostly waits."""
    folder.mkdir(exist_ok=True)
    old_sdk_python(release)  # before two ask at once
    with ThreadPoolExecutor(2) as threads:
        online = threads.submit(measure, release, folder / "online")
        limited = threads.submit(_measure_limited, release, folder / "limited")
        return online.result(), limited.result()


def _measure_limited(release: str, folder: Path) -> Outcome:
    """Under `LIMITS`; again if a busy machine made the release so slow that it kept to them."""
    for attempt in range(_ATTEMPTS):
        outcome = measure(release, folder.with_name(f"{folder.name}-{attempt}"), LIMITS)
        if outcome.remarks or len(outcome.refused) == _LIMITED_ENDPOINTS:
            break
    return outcome


def table(outcomes: Iterable[tuple[str, tuple[Outcome, Outcome] | str]]) -> str:
    """Markdown: a row per release, with its outcomes or why there are none."""
    header = ("wandb", "online", "under limits", "requests", "429s", "rows sent/stored", "remarks")
    lines = [header, tuple("---" for _ in header)]
    for release, outcome in outcomes:
        cells = _failure(outcome) if isinstance(outcome, str) else _cells(*outcome)
        lines.append((release, *cells))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _failure(reason: str) -> tuple[str, ...]:
    return ("failed", "failed", "-", "-", "-", reason)


def _cells(online: Outcome, limited: Outcome) -> tuple[str, ...]:
    refused = [f"{count} {endpoint}" for endpoint, count in sorted(limited.refused.items())]
    return (
        *("failed" if one.remarks else "passed" for one in (online, limited)),
        f"{limited.requests}",
        ", ".join(refused) or "0",
        f"{sdk_smoke.ROWS + 1}/{limited.rows_stored}",
        "; ".join([*online.remarks, *limited.remarks]),
    )


def _differences(release: str, logged: Any, found: Any) -> list[str]:
    """What of a run did not come back: each with what came instead."""
    rows = sdk_smoke.ROWS
    *numbers, media = [*found["scanned"], {}] if len(found["scanned"]) == rows else found["scanned"]
    summary = found["summary"]
    wanted = {
        "version": (logged["version"], release),
        "listed": (found["listed"], [logged["path"]]),
        "state": (found["state"], "failed"),
        "config": (
            found["config"],
            {"lr": 0.1, "opt": {"name": "sgd", "betas": [1, 2]}, "late": True},
        ),
        "rows": ([_numbers(row) for row in numbers], [_row(step) for step in range(rows)]),
        "media": ([media.get(name, {}).get("_type") for name in _MEDIA], list(_MEDIA.values())),
        "sampled history": (len(found["sampled"]), rows + 1),
        "summary": (
            (summary.get("loss"), summary.get("best"), summary.get("_step")),
            (1 / rows, {"acc": 0.99}, rows),
        ),
        "media in the summary": (
            [summary.get(name, {}).get("_type") for name in _MEDIA],
            list(_MEDIA.values()),
        ),
        "files": (found["files"], {**logged["media"], "notes.txt": _NOTES}),
        "files without which a run is not whole": (_ALWAYS - set(found["names"]), set()),
    }
    return [
        f"{what}: {came!r} instead of {sent!r}"
        for what, (came, sent) in wanted.items()
        if came != sent
    ]


_MEDIA = {"image": "image-file", "table": "table-file", "html": "html-file"}
_NOTES = hashlib.sha256(b"kept\n").hexdigest()
_ALWAYS = {"config.yaml", "output.log", "wandb-metadata.json", "wandb-summary.json"}


def _row(step: int) -> tuple[float, float, int, int]:
    return (1 / (step + 1), step / sdk_smoke.ROWS, step, step)


def _numbers(row: dict[str, Any]) -> tuple[Any, ...]:
    """What `_row` says, of a row that came back."""
    nested = row.get("val", {})
    return (row.get("loss"), nested.get("acc"), nested.get("deep", {}).get("step"), row["_step"])


def main() -> None:
    """Print the table of all releases, two at a time."""
    logging.getLogger("mockwb").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as threads:

        def outcome(release: str) -> tuple[Outcome, Outcome] | str:
            try:
                return measure_both(release, Path(folder, release))
            except AssertionError as error:
                return "a process failed: " + str(error).strip().splitlines()[-1]

        print(table(zip(RELEASES, threads.map(outcome, RELEASES), strict=True)))


if __name__ == "__main__":
    main()
