"""W&B's guidance, watched while the real SDK logs: the page's examples, and a heavy run."""

from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving

pytestmark = pytest.mark.sdk


def log_examples(project: str) -> Any:
    import wandb

    rows = {
        "four": {"a": 1, "b": {"c": 2, "d": {"e": 3, "f": 4}}},
        "three": {"a": 1, "b": {"c": "hello", "d": [1, 2, 3]}},
    }
    for name, row in rows.items():
        with wandb.init(project=f"{project}-{name}") as run:
            for _ in range(3):
                run.log(row)


def test_given_the_examples_of_the_page_then_they_count_four_and_three_metrics(
    sdk: Sdk, project: str
) -> None:
    sdk.run(log_examples, project=project[:60])
    figures = sdk.ask(f"guidance?project=*/{project[:60]}-*")
    counted = {
        one["project"].rpartition("-")[2]: one["peaks"]["metrics_per_project"]
        for one in figures["projects"]
    }
    assert counted == {"four": 4, "three": 3}
    assert figures["findings"] == []


def log_too_much(project: str) -> Any:
    import pathlib

    import wandb

    pathlib.Path("clip.mp4").write_bytes(bytes(60_000))
    for name in "abc":
        pathlib.Path(f"{name}.txt").write_text(name)
    config = {"lr": 0.1, "text": "x" * 3000}
    with wandb.init(project=project, id="heavy", config=config) as run:
        for step in range(30):
            run.log({f"metric/{step}": step, "loss": 1 / (step + 1)})
        run.log({"wide": list(range(10_000)), "image": wandb.Html("i" * 70_000)})
        run.log({"clip": wandb.Video("clip.mp4", format="mp4")})
        for name in "abc":
            run.save(f"{name}.txt", policy="now")
    with wandb.init(project=project, id="light", config={"lr": 0.1}) as run:
        run.log({"loss": 1})
    for _ in range(4):
        wandb.Api().run(f"{project}/light").load(force=True)


def test_given_a_run_beyond_lowered_ranges_then_exactly_they_are_found(sdk: Sdk) -> None:
    ranges = {
        "runs_per_project": 1,
        "steps_per_run": 31,
        "metrics_per_project": 33,
        "rows_per_minute": 29,
        "values_per_minute": 50,
        "video_per_minute": "50kB",
        "value_size": "40kB",
        "log_call_size": "30kB",
        "config_size": "3kB",
        "files_per_run": 6,
        "api_requests_per_minute": 3,
    }
    with serving(guidance=ranges) as server:
        sdk.url = server.url
        sdk.run(log_too_much, project="much", expected="Symlinked 1 file")
        told = sdk.ask("guidance")
        account = sdk.account("heavy")
    found = {(one["range"], one["run"]): one for one in told["findings"]}
    heavy = {
        "steps_per_run",
        "rows_per_minute",
        "values_per_minute",
        "video_per_minute",
        "value_size",
        "log_call_size",
        "config_size",
        "files_per_run",
    }
    project = {
        "runs_per_project",
        "metrics_per_project",
        "rows_per_minute",
        "values_per_minute",
        "video_per_minute",
    }
    assert set(found) == {
        *((name, "heavy") for name in heavy),
        *((name, None) for name in project),
        ("api_requests_per_minute", None),
    }
    assert set(account["guidance"]) == heavy
    assert found["metrics_per_project", None]["peak"] == 30 + len({"loss", "wide", "image", "clip"})
    assert found["steps_per_run", "heavy"]["peak"] == 32
    assert found["video_per_minute", "heavy"]["peak"] == 60_000
    assert found["value_size", "heavy"]["key"] == "wide"
    assert found["runs_per_project", None]["peak"] == 2
    (figures,) = told["projects"]
    assert figures["largest_groups"][0] == {"key": "metric", "amount": 30}
    assert [one["key"] for one in figures["largest_values"]] == ["wide"]
