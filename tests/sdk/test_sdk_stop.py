"""Stopping a run from outside, as the app's button does."""

from typing import Any

import pytest

from tests.sdk.conftest import Sdk

pytestmark = [pytest.mark.sdk, pytest.mark.slow]


def be_stopped(project: str) -> Any:
    import time

    import wandb

    settings = wandb.Settings(x_file_stream_transmit_interval=1)
    run = wandb.init(project=project, settings=settings)
    stopped = False
    wandb.Api().run(run.path).stop()
    try:
        for i in range(600):
            run.log({"x": i})
            time.sleep(0.1)  # noqa: TID251 -- a process that lives in real time
    except KeyboardInterrupt:
        stopped = True
        run.finish(exit_code=255)
    return {"stopped": stopped, "state": wandb.Api().run(run.path).state}


def test_a_run_hears_that_it_is_to_stop(sdk: Sdk, project: str) -> None:
    found = sdk.run(be_stopped, project=project, expected="[Ss]top")
    assert found == {"stopped": True, "state": "killed"}
