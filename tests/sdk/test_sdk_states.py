"""How runs end: as they say themselves, or by silence."""

from pathlib import Path
from typing import Any

import pytest

from mockwb.clock import RealClock
from tests.sdk.conftest import KEY, USER, Sdk, serving

pytestmark = pytest.mark.sdk


def end(project: str, preempting: bool, exit_code: int) -> Any:
    import wandb

    run = wandb.init(project=project)
    run.log({"x": 1})
    if preempting:
        run.mark_preempting()
    run.finish(exit_code=exit_code)
    return wandb.Api().run(run.path).state


@pytest.mark.parametrize(
    ("preempting", "exit_code", "state"),
    [(False, 3, "failed"), (True, 1, "preempted"), (True, 0, "finished")],
    ids=["badly", "taken away", "well"],
)
def test_a_run_ends_as_its_exit_code_says(
    sdk: Sdk, project: str, preempting: bool, exit_code: int, state: str
) -> None:
    assert sdk.run(end, project=project, preempting=preempting, exit_code=exit_code) == state


def hang(project: str, preempting: bool) -> None:
    import time

    import wandb

    run = wandb.init(project=project, id="killed", tags=["kept"])
    if preempting:
        run.mark_preempting()
        api = wandb.Api()
        while not api.run(run.path).load(force=True)["state"].startswith("preempt"):
            time.sleep(0.1)  # noqa: TID251 -- wandb-core says it in its own time
    print("ready", flush=True)
    time.sleep(600)  # noqa: TID251 -- until it is killed


def go_on(project: str) -> Any:
    import wandb

    before = wandb.Api().run(f"{project}/killed").state
    run = wandb.init(project=project, id="killed", resume="must")
    during = wandb.Api().run(run.path).state
    run.log({"x": 1})
    run.finish()
    after = wandb.Api().run(run.path)
    return {
        "states": [before, during, after.state],
        "resumed": run.resumed,
        "tags": after.tags,
        "rows": [row["x"] for row in after.scan_history()],
    }


@pytest.mark.parametrize(
    ("preempting", "state"), [(False, "crashed"), (True, "preempted")], ids=["crashed", "preempted"]
)
async def test_a_run_whose_process_was_killed_falls_silent_and_can_be_resumed(
    tmp_path: Path, project: str, preempting: bool, state: str
) -> None:
    keys = [{"key": KEY, "user": USER}]
    with serving(auth={"keys": keys}, runs={"crash_after": "1s"}) as server:
        sdk = Sdk(server.url, tmp_path)
        sdk.run_until_killed(hang, project=project, preempting=preempting)
        for _ in range(100):
            if sdk.account("killed")["state"] == state:
                break
            await RealClock().sleep(0.1)
        # The resumed run is resumed before it has said anything but its name.
        assert sdk.run(go_on, project=project) == {
            "states": [state, "running", "finished"],
            "resumed": True,
            "tags": ["kept"],
            "rows": [1],
        }
