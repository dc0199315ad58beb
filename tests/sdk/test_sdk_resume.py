"""Taking a run up again: resume=allow, must, never, and rewinding it."""

from typing import Any

import pytest

from tests.sdk.conftest import Sdk

pytestmark = pytest.mark.sdk


def attempt(project: str, run_id: str, rows: int, **how: Any) -> Any:
    import wandb

    try:
        run = wandb.init(project=project, id=run_id, config={"rows": rows}, **how)
    except wandb.errors.UsageError as error:
        return {"refused": str(error)}
    start = run.starting_step
    for _ in range(rows):
        run.log({"x": start})
    run.finish()
    return {"start": start, "resumed": run.resumed}


def rows_of(path: str) -> Any:
    import wandb

    run = wandb.Api().run(path)
    return {
        "rows": [[row["_step"], row["x"]] for row in run.scan_history()],
        "state": run.state,
        "tags": run.tags,
        "config": dict(run.config),
        "summary": run.summary["x"],
    }


def test_a_resumed_run_goes_on_behind_its_last_step(sdk: Sdk, project: str) -> None:
    def go(expected: str | None = None, **how: object) -> Any:
        return sdk.run(attempt, project=project, run_id="same", expected=expected, **how)

    refused = "failed to init run|not yet initialized"
    assert "refused" in go(rows=1, resume="must", expected=refused)
    assert go(rows=3, resume="allow", tags=["kept"]) == {"start": 0, "resumed": False}
    assert go(rows=2, resume="allow") == {"start": 3, "resumed": True}
    assert go(rows=1, resume="must") == {"start": 5, "resumed": True}
    assert "refused" in go(rows=1, resume="never", expected=refused)
    found = sdk.run(rows_of, path=f"{project}/same")
    assert found["rows"] == [[0, 0], [1, 0], [2, 0], [3, 3], [4, 3], [5, 5]]
    assert found["state"] == "finished"
    assert found["tags"] == ["kept"]
    assert found["config"] == {"rows": 1}
    assert found["summary"] == 5


def rewind(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, id="rewound")
    for i in range(5):
        run.log({"x": i})
    run.finish()
    run = wandb.init(project=project, resume_from="rewound?_step=2")
    run.log({"x": 33})
    run.finish()
    return run.path


def test_a_rewound_run_goes_on_behind_the_step(sdk: Sdk, project: str) -> None:
    path = sdk.run(rewind, project=project)
    found = sdk.run(rows_of, path=path)
    assert found["rows"] == [[0, 0], [1, 1], [2, 2], [3, 33]]
    assert found["summary"] == 33
