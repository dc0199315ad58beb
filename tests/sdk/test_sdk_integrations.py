"""Frameworks that log to W&B by themselves, checked by the pytest plugin as their users would.

Each is installed in an environment of its own.
"""

import os
import subprocess
import textwrap
from pathlib import Path

import pytest

from tests.sdk.environments import integration_python
from tests.testing.suite import ROOT

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

XGBOOST = """
import numpy
import pytest
import wandb
import xgboost
from wandb.integration.xgboost import WandbCallback

ROUNDS = 8


def test_boosting_logs_what_it_measures(mockwb):
    random = numpy.random.default_rng(1)
    inputs = random.normal(size=(200, 3))
    data = xgboost.DMatrix(inputs, inputs @ [1.0, 2.0, 0.0], feature_names=["a", "b", "c"])
    measured = {}
    with wandb.init() as run:
        xgboost.train(
            {"max_depth": 2, "objective": "reg:squarederror"},
            data,
            num_boost_round=ROUNDS,
            evals=[(data, "train")],
            evals_result=measured,
            callbacks=[WandbCallback(log_model=True)],
            verbose_eval=False,
        )
    losses = measured["train"]["rmse"]
    assert len(losses) == ROUNDS and losses[-1] < losses[0]
    mockwb.assert_logged(run, {
        "train-rmse": pytest.approx(losses),
        "epoch": list(range(ROUNDS)),
        "Feature Importance_table": lambda table: table["_type"] == "table-file",
    })
    seen = mockwb.run(run)
    assert seen.config["learner"]["objective"]["name"] == "reg:squarederror"
    assert any(name.startswith("media/table/") for name in seen.files)
    mockwb.assert_nothing_lost()
    artifacts = wandb.Api().run(run.path).logged_artifacts()
    assert sorted(artifact.type for artifact in artifacts) == ["model", "run_table"]
"""


def passed(python: Path, tests: str, folder: Path) -> None:
    """Run `tests` with the plugin."""
    (folder / "test_integration.py").write_text(textwrap.dedent(tests))
    done = subprocess.run(
        [str(python), "-m", "pytest", "-p", "mockwb.testing.plugin", "--strict-markers"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_given_xgboosts_callback_then_losses_importance_config_and_model_arrive(
    tmp_path: Path,
) -> None:
    passed(integration_python("xgboost-cpu==3.2.0"), XGBOOST, tmp_path)
