"""Large files that meet a storage limit: both of the SDK's clients see 429, wait, and succeed."""

from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

SIZE = 50_000_000


def upload(project: str, size: int) -> Any:
    """wandb-core uploads, several files at a time."""
    import pathlib

    import wandb

    run = wandb.init(project=project)
    for name in ("a.bin", "b.bin"):
        pathlib.Path(run.dir, name).write_bytes(name.encode() * (size // 5))
        run.save(f"{run.dir}/{name}", base_path=run.dir)
    run.finish()
    return run.path


def upload_from_outside(path: str, size: int) -> Any:
    """The public API uploads in Python."""
    import pathlib

    import wandb

    pathlib.Path("c.bin").write_bytes(b"c.bin" * (size // 5))
    return wandb.Api().run(path).upload_file("c.bin").size == size


def download(path: str, size: int) -> bool:
    """The public API downloads in Python."""
    import wandb

    run = wandb.Api().run(path)
    contents = []
    for name in ("a.bin", "b.bin", "c.bin"):
        with run.file(name).download(root="got") as text:
            contents.append(text.read() == name * (size // 5))
    return all(contents)


@pytest.mark.parametrize("retry_after", ["off", "next"])
def test_given_a_storage_limit_then_files_of_50_mb_go_up_and_down_whole_after_429s(
    tmp_path: Path, retry_after: str
) -> None:
    limits = {"project": {"storage_bytes": "51MB/5s"}, "retry_after": retry_after}
    refused = []
    with serving(limits=limits) as server:
        sdk = Sdk(server.url, tmp_path)
        waiting = "429|[Rr]ate limit exceeded"
        path = sdk.run(upload, expected=waiting, project="files", size=SIZE)
        refused.append(refusals(sdk, path))
        for function in (upload_from_outside, download):
            assert sdk.run(function, expected=waiting, path=path, size=SIZE)
            refused.append(refusals(sdk, path))
    assert 0 < refused[0] <= refused[1] < refused[2]


def refusals(sdk: Sdk, path: str) -> int:
    return int(sdk.account(path.rpartition("/")[2])["requests"]["storage"].get("429", 0))
