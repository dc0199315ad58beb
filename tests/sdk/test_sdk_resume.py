"""Taking a run up again: resume=allow, must, never, auto; rewinding it, and forking another."""

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
    assert go(rows=1, resume=True) == {"start": 6, "resumed": True}
    found = sdk.run(rows_of, path=f"{project}/same")
    assert found["rows"] == [[0, 0], [1, 0], [2, 0], [3, 3], [4, 3], [5, 5], [6, 6]]
    assert found["state"] == "finished"
    assert found["tags"] == ["kept"]
    assert found["config"] == {"rows": 1}
    assert found["summary"] == 6


def rewind(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, id="rewound", resume="never")  # for it is new
    resumed = run.resumed
    for i in range(5):
        run.log({"x": i})
    run.finish()
    run = wandb.init(project=project, resume_from="rewound?_step=2")
    run.log({"x": 33})
    run.finish()
    try:
        wandb.init(project=project, resume_from="nobody?_step=1")
    except wandb.errors.CommError as error:
        return {"resumed": resumed, "refused": str(error)}


def test_a_rewound_run_goes_on_behind_the_step(sdk: Sdk, project: str) -> None:
    said = sdk.run(rewind, project=project, expected="failed to init run|not yet init")
    assert said["resumed"] is False
    assert "run not found" in said["refused"]
    found = sdk.run(rows_of, path=f"{project}/rewound")
    assert found["rows"] == [[0, 0], [1, 1], [2, 2], [3, 33]]
    assert found["summary"] == 33


def branch_ahead(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, id="short")
    for i in range(3):
        run.log({"x": i})
    run.finish()
    kid = wandb.init(project=project, id="kid", fork_from="short?_step=100")
    kid.log({"x": 40})
    kid.finish()
    run = wandb.init(project=project, resume_from="short?_step=100")
    run.log({"x": 50})
    run.finish()


def test_given_a_step_behind_the_last_then_a_branch_keeps_all_rows_and_leaves_a_gap(
    sdk: Sdk, project: str
) -> None:
    sdk.run(branch_ahead, project=project)
    rows = [[0, 0], [1, 1], [2, 2]]
    assert sdk.run(rows_of, path=f"{project}/kid")["rows"] == [*rows, [101, 40]]
    assert sdk.run(rows_of, path=f"{project}/short")["rows"] == [*rows, [101, 50]]


def die(project: str) -> None:
    import time

    import wandb

    wandb.init(project=project, resume="auto", notes="said before")
    print("ready", flush=True)
    time.sleep(600)  # noqa: TID251 -- until it is killed


def go_on_by_itself(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, resume="auto")
    run.log({"x": 3})
    run.finish()
    fresh = wandb.init(project=project, resume="auto")
    fresh.finish()
    found = wandb.Api().run(run.path)
    rows = [row["x"] for row in found.scan_history()]
    return [run.resumed, found.notes, found.state, rows, fresh.resumed, fresh.id != run.id]


def test_a_killed_run_is_found_again_without_its_id(sdk: Sdk, project: str) -> None:
    sdk.run_until_killed(die, project=project)
    found = sdk.run(go_on_by_itself, project=project)
    assert found == [True, "said before", "finished", [3], False, True]


def fork(project: str) -> Any:
    import wandb

    def init(**how: Any) -> Any:
        return wandb.init(project=project, **how)

    parent = init(id="parent", config={"lr": 1, "seed": 7})
    for i in range(6):
        parent.log({"x": i, "val": {"early": i}} if i < 3 else {"x": i})
    parent.finish()
    kid = init(id="kid", fork_from="parent?_step=3", config={"lr": 2})
    for x in (40, 50):
        kid.log({"x": x})
    kid.finish()
    again = init(id="kid", resume="must")
    again.log({"x": 60})
    again.finish()
    grandkid = init(id="grandkid", fork_from="kid?_step=4")
    grandkid.log({"x": 500})
    grandkid.finish()
    rewound = init(resume_from="grandkid?_step=1")
    rewound.log({"x": 200})
    rewound.finish()
    wandb.Api().run(f"{project}/parent").delete()
    try:
        init(id="orphan", fork_from="nobody?_step=1")
    except wandb.errors.CommError as error:
        return str(error)


def read_fork(project: str) -> Any:
    import wandb

    def steps(name: str) -> Any:
        return [[row["_step"], row["x"]] for row in api.run(f"{project}/{name}").scan_history()]

    api = wandb.Api()
    kid = api.run(f"{project}/kid")
    return {
        "runs": sorted(run.id for run in api.runs(project)),
        "scan": steps("kid"),
        "scan_keys": list(kid.scan_history(keys=["_step", "val.early"])),
        "window": [row["x"] for row in kid.scan_history(min_step=2, max_step=5)],
        "history": [row["x"] for row in kid.history(pandas=False)],
        "sampled": [row["x"] for row in kid.history(keys=["x"], pandas=False)],
        "last": kid.lastHistoryStep,
        "keys": sorted(kid.history_keys["keys"]),
        "config": dict(kid.config),
        "summary": [kid.summary["x"], kid.summary["val"]["early"]],
        "found": [run.id for run in api.runs(project, filters={"config.seed": 7})],
        "grandkid": steps("grandkid"),
    }


def test_a_fork_shows_its_parents_rows_wherever_it_is_read(sdk: Sdk, project: str) -> None:
    refused = sdk.run(fork, project=project, expected="nobody|not yet init|404")
    assert "nobody, which orphan is to fork from, not found" in refused
    found = sdk.run(read_fork, project=project)
    rows = [[0, 0], [1, 1], [2, 2], [3, 3], [4, 40], [5, 50], [6, 60]]
    values = [x for _, x in rows]
    assert found["runs"] == ["grandkid", "kid"]
    assert found["scan"] == rows
    assert found["scan_keys"] == [{"_step": i, "val.early": i} for i in range(3)]
    assert found["window"] == values[2:5]
    assert found["history"] == values
    assert found["sampled"] == values
    assert found["last"] == 6
    assert {"x", "val.early"} <= set(found["keys"])
    assert found["config"] == {"lr": 2, "seed": 7}
    assert found["summary"] == [60, 2]
    assert sorted(found["found"]) == ["grandkid", "kid"]
    assert found["grandkid"] == [[0, 0], [1, 1], [2, 200]]
