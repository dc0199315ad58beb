"""The public API around runs: listing, filters, changes from outside, deletion, logins."""

from typing import Any

import pytest

from tests.sdk.conftest import USER, Sdk

pytestmark = pytest.mark.sdk


def make_and_list(project: str) -> Any:
    import wandb

    for name, lr in (("a", 0.1), ("b", 0.2), ("c", 0.3)):
        run = wandb.init(project=project, id=name, config={"lr": lr}, tags=[name, "all"])
        run.log({"val": {"acc": lr * 2}})
        run.finish(exit_code=1 if name == "c" else 0)
    api = wandb.Api()

    def ids(**how: Any) -> list[str]:
        return [run.id for run in api.runs(project, **how)]

    return {
        "all": ids(),
        "pages": ids(per_page=1),
        "newest": ids(order="-created_at"),
        "best": ids(order="-summary_metrics.val.acc"),
        "finished": ids(filters={"state": "finished"}),
        "tagged": ids(filters={"tags": {"$in": ["a", "c"]}}),
        "config": ids(filters={"config.lr": {"$gt": 0.1, "$lt": 0.3}}),
        "summary": ids(filters={"summary_metrics.val.acc": {"$gte": 0.4}}),
        "count": len(api.runs(project, filters={"state": "finished"})),
        "projects": [found.name for found in api.projects()],
        "viewer": [api.viewer.username, api.default_entity],
        "states": {run.id: run.state for run in api.runs(project)},
        "lazy": [run.config["lr"] for run in api.runs(project)],
    }


def test_runs_are_listed_filtered_and_ordered(sdk: Sdk, project: str) -> None:
    found = sdk.run(make_and_list, project=project)
    assert found["all"] == ["a", "b", "c"]
    assert found["pages"] == ["a", "b", "c"]
    assert found["newest"] == ["c", "b", "a"]
    assert found["best"] == ["c", "b", "a"]
    assert found["finished"] == ["a", "b"]
    assert found["tagged"] == ["a", "c"]
    assert found["config"] == ["b"]
    assert found["summary"] == ["b", "c"]
    assert found["count"] == 2
    assert project in found["projects"]
    assert found["viewer"] == [USER, USER]
    assert found["states"] == {"a": "finished", "b": "finished", "c": "failed"}
    assert found["lazy"] == [0.1, 0.2, 0.3]


def change(project: str) -> Any:
    import wandb

    run = wandb.init(project=project, entity="the-team", config={"lr": 0.1})
    run.log({"x": 1})
    run.finish()
    api = wandb.Api()
    found = api.run(run.path)
    found.tags.append("seen")
    found.config["lr"] = 0.5
    found.notes = "looked at"
    found.summary["judged"] = True
    found.update()
    again = wandb.Api().run(run.path)
    made = api.create_run(project=project, entity="the-team")
    requeued = wandb.Api().run(f"the-team/{project}/{made.id}").update_state("failed")
    again.delete()
    left = [run.id for run in wandb.Api().runs(f"the-team/{project}")]
    return {
        "tags": again.tags,
        "notes": again.notes,
        "config": dict(again.config),
        "judged": again.summary["judged"],
        "x": again.summary["x"],
        "state": again.state,
        "requeued": requeued,
        "left": left == [made.id],
    }


def test_runs_are_changed_and_deleted_from_outside(sdk: Sdk, project: str) -> None:
    assert sdk.run(change, project=project) == {
        "tags": ["seen"],
        "notes": "looked at",
        "config": {"lr": 0.5},
        "judged": True,
        "x": 1,
        "state": "finished",
        "requeued": True,
        "left": True,
    }


def look_for_nothing(project: str) -> Any:
    import wandb

    api = wandb.Api()
    found = {}
    try:
        api.run(f"{project}/none")
    except wandb.errors.CommError as error:
        found["run"] = str(error)
    try:
        list(api.runs(project))
    except ValueError as error:
        found["runs"] = str(error)
    return found


def test_what_is_not_there_is_reported_in_the_sdks_own_words(sdk: Sdk, project: str) -> None:
    found = sdk.run(look_for_nothing, project=project, expected="404|not find")
    assert "Could not find run" in found["run"]
    assert f"Could not find project {project}" in found["runs"]


def log_in(project: str) -> Any:
    import wandb

    refused = []
    try:
        wandb.login(verify=True)
    except wandb.errors.AuthenticationError as error:
        refused.append(str(error))
    try:
        wandb.init(project=project)
    except wandb.errors.CommError as error:
        refused.append(str(error))
    return refused


def test_a_wrong_key_is_told_so_plainly(sdk: Sdk, project: str) -> None:
    refused = sdk.run(log_in, project=project, env={"WANDB_API_KEY": "f" * 40}, expected=".")
    assert len(refused) == 2
    assert all("user is not logged in" in message for message in refused), refused
