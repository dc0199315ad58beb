"""Limits that change while a run logs: its very next request is decided by the new ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, SdkProcess, serving

pytestmark = pytest.mark.sdk


def train(project: str, name: str) -> Any:
    import pathlib
    import time

    import wandb

    settings = wandb.Settings(x_file_stream_transmit_interval=1)
    run = wandb.init(project=project, id=name, settings=settings)
    rows = 0
    while not pathlib.Path("enough").exists():
        run.log({"x": rows})
        rows += 1
        time.sleep(0.1)  # noqa: TID251 -- a step of training
    run.finish()
    found = wandb.Api().run(run.path)
    return {"logged": rows, "stored": [row["x"] for row in found.scan_history()]}


class Steady:
    """A run that logs until it is told to stop, as the server sees it."""

    def __init__(self, sdk: Sdk, process: SdkProcess) -> None:
        self.sdk = sdk
        self._process = process
        process.until(lambda: sdk.ask("account?run=steady")["runs"])
        self.until_more("200")

    def answers(self) -> dict[str, int]:
        """HTTP status -> file_stream requests so far."""
        answers = self.sdk.account("steady")["requests"].get("file_stream", {})
        return {status: answers.get(status, 0) for status in ("200", "429")}

    def until_more(self, status: str, than: int = 0) -> None:
        """Wait for an answer with `status` beyond so many."""
        self._process.until(lambda: self.answers()[status] > than)

    def finish(self) -> Any:
        """Let it end, well and whole."""
        (self.sdk.folder / "enough").touch()
        found = self._process.result("429")
        assert found["stored"] == list(range(found["logged"]))
        return self.sdk.account("steady")


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[Steady]:
    with serving() as server:
        sdk = Sdk(server.url, tmp_path)
        with sdk.start(train, project="p", name="steady") as process:
            yield Steady(sdk, process)


@pytest.mark.parametrize(
    ("path", "refuse", "pass_again", "refused_by"),
    [
        (
            "limits/rules",
            ("PATCH", {"project": {"requests": "0/1m"}}),
            ("PATCH", {"project": {"requests": "unlimited"}}),
            "project.requests",
        ),
        ("freeze", ("PUT", {"reset": 1}), ("DELETE", None), "server.freeze"),
    ],
    ids=["a limit", "a freeze"],
)
def test_given_a_change_while_a_run_logs_then_it_decides_the_next_request(
    steady: Steady,
    path: str,
    refuse: tuple[str, object],
    pass_again: tuple[str, object],
    refused_by: str,
) -> None:
    steady.sdk.ask(path, *refuse)
    tightened = steady.answers()
    steady.until_more("429")
    # Not one more got through: the first to come was refused.
    assert steady.answers()["200"] == tightened["200"]

    steady.sdk.ask(path, *pass_again)
    released = steady.answers()
    steady.until_more("200", than=released["200"])
    assert steady.answers()["429"] == released["429"]

    account = steady.finish()
    assert account["refused"].keys() == {refused_by}
    assert account["gaps"] == []
