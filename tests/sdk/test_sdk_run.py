"""The plainest use: log a run, and read it back."""

from typing import Any

import pytest

from tests.sdk.conftest import USER, Sdk

# The run is logged once for all of these tests.
pytestmark = [pytest.mark.sdk, pytest.mark.xdist_group("sdk_run")]

STEPS = 1000


def train(project: str, steps: int) -> Any:
    import sys

    import wandb

    wandb.login(verify=True)
    settings = wandb.Settings(x_stats_sampling_interval=0.1)
    run = wandb.init(
        project=project,
        config={"lr": 0.1, "opt": {"name": "sgd", "betas": [0.9, 0.99]}},
        tags=["first", "second tag"],
        notes="what it was for",
        group="grouped",
        job_type="train",
        name="named",
        settings=settings,
    )
    run.define_metric("val/*", step_metric="_step", summary="max")
    print("hello stdout")
    print("hello stderr", file=sys.stderr)
    for i in range(steps):
        run.log({"loss": 1 / (i + 1), "val": {"acc": i / steps, "deep": {"x": i}}, "text": "a"})
    run.log({"nan": float("nan"), "inf": float("inf"), "minus": float("-inf")})
    run.summary["best"] = {"acc": 0.99}
    run.alert(title="almost there", text="just a moment")
    run.finish()
    return run.path


def read(path: str) -> Any:
    import wandb

    api = wandb.Api()
    run = api.run(path)
    scanned = list(run.scan_history())
    return {
        "state": run.state,
        "name": run.name,
        "tags": sorted(run.tags),
        "notes": run.notes,
        "group": run.group,
        "job_type": run.job_type,
        "user": run.user.username,
        "config": dict(run.config),
        "summary": dict(run.summary),
        "history": run.history(pandas=False),
        "sampled": run.history(samples=10, keys=["loss", "val.acc"], pandas=False),
        "frame": list(run.history(samples=3).columns),
        "scanned": [scanned[0], scanned[-1]],
        "scanned_rows": len(scanned),
        "scanned_keys": list(run.scan_history(keys=["_step", "val.deep.x"], page_size=300)),
        "last_step": run.lastHistoryStep,
        "system": run.history(stream="system", pandas=False),
        "console": [[line.level, line.content] for line in run.console_logs()],
        "tail": [line.content for line in run.console_logs(last=1)],
        "metadata": run.metadata["python"],
        "runs": [found.id for found in api.runs("/".join(path.split("/")[:2]))],
        "id": run.id,
    }


@pytest.fixture(scope="module")
def story(server: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a reader sees of a run that another process has logged."""
    sdk = Sdk(server.url, tmp_path_factory.mktemp("run"))
    path = sdk.run(train, project="plain", steps=STEPS)
    found: dict[str, Any] = sdk.run(read, path=path)
    return found


def test_the_run_reads_back_as_it_was_described(story: dict[str, Any]) -> None:
    expected = {
        "state": "finished",
        "name": "named",
        "tags": ["first", "second tag"],
        "notes": "what it was for",
        "group": "grouped",
        "job_type": "train",
        "user": USER,
        "config": {"lr": 0.1, "opt": {"name": "sgd", "betas": [0.9, 0.99]}},
        "runs": [story["id"]],
    }
    assert {name: story[name] for name in expected} == expected


def test_every_row_comes_back_once(story: dict[str, Any]) -> None:
    assert story["scanned_rows"] == STEPS + 1
    assert story["last_step"] == STEPS
    expected = [{"_step": i, "val.deep.x": i} for i in range(STEPS)]
    assert story["scanned_keys"] == expected
    first, last = story["scanned"]
    assert first["val"] == {"acc": 0, "deep": {"x": 0}}
    assert (last["nan"], last["inf"], last["minus"]) == ("NaN", "Infinity", "-Infinity")


def test_history_is_sampled(story: dict[str, Any]) -> None:
    assert len(story["history"]) == 500
    assert len(story["sampled"]) == 10
    assert story["sampled"][-1]["_step"] == STEPS - 1
    assert {"loss", "_step"} <= set(story["frame"])


def test_the_summary_holds_the_last_values_and_what_was_set(story: dict[str, Any]) -> None:
    summary = story["summary"]
    assert summary["loss"] == pytest.approx(1 / STEPS)
    assert summary["val"]["deep"]["x"] == STEPS - 1
    assert summary["best"]["acc"] == 0.99
    assert summary["_step"] == STEPS


def test_system_metrics_and_console_come_back(story: dict[str, Any]) -> None:
    assert any(name.startswith("system.") for event in story["system"] for name in event)
    assert ["", "hello stdout"] in story["console"]
    assert ["error", "hello stderr"] in story["console"]
    assert story["tail"] == [story["console"][-1][1]]


def test_metadata_is_read_from_its_file(story: dict[str, Any]) -> None:
    assert story["metadata"].startswith("CPython")
