"""Console output: what the terminal showed in the end is what comes back, in either form."""

from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk


def show_progress(project: str, multipart: bool) -> Any:
    import sys
    import time

    import wandb

    settings = wandb.Settings(
        x_file_stream_transmit_interval=1,
        console_multipart=multipart,
        console_chunk_max_seconds=int(multipart),
    )
    run = wandb.init(project=project, settings=settings)
    print("first é")
    for i in range(26):
        print(f"\rdone {i}/25", end="", flush=True)
        time.sleep(0.1)  # noqa: TID251 -- lines are rewritten over several transmissions
    print()
    print("\x1b[31mred\x1b[0m", file=sys.stderr)
    print("\nlast")
    run.finish()
    found = wandb.Api().run(run.path)
    return {
        "id": run.id,
        "lines": [[line.level, line.content] for line in found.console_logs()],
        "files": [file.name for file in found.files()],
    }


EXPECTED = [
    ["", "first é"],
    ["", "done 25/25"],
    ["error", "\x1b[31mred\x1b[0m"],
    ["", ""],
    ["", "last"],
]


@pytest.mark.parametrize("multipart", [False, True])
def test_rewritten_lines_come_back_as_they_ended(sdk: Sdk, project: str, multipart: bool) -> None:
    found = sdk.run(show_progress, project=project, multipart=multipart)
    assert found["lines"] == EXPECTED
    assert sdk.account(found["id"])["requests"]["file_stream"]["200"] >= 2
    assert ("output.log" in found["files"]) is not multipart
    assert any(name.startswith("logs/output_") for name in found["files"]) is multipart


def test_given_the_old_form_of_lines_then_they_come_back_alike(
    tmp_path: Path, project: str
) -> None:
    with serving(features={"STRUCTURED_CONSOLE_LOGS": False}) as server:
        found = Sdk(server.url, tmp_path).run(show_progress, project=project, multipart=False)
    assert found["lines"] == EXPECTED


def print_many(project: str, lines: int) -> Any:
    import wandb

    run = wandb.init(project=project, settings=wandb.Settings(x_disable_stats=True))
    for number in range(lines):
        print("line", number)
    run.finish()
    found = wandb.Api().run(run.path)
    return {
        "id": run.id,
        "all": [[line.number, line.content] for line in found.console_logs()],
        "small pages": [line.number for line in found.console_logs(per_page=700)],
        "last": [[line.number, line.content] for line in found.console_logs(last=3)],
    }


def test_many_lines_are_read_page_by_page(sdk: Sdk, project: str) -> None:
    found = sdk.run(print_many, project=project, lines=2500)
    lines = [[number, f"line {number}"] for number in range(2500)]
    assert found["all"] == lines
    assert found["small pages"] == list(range(2500))
    assert found["last"] == lines[-3:]
    assert sdk.account(found["id"])["operations"]["RunConsoleLogPage"] == 3 + 4
