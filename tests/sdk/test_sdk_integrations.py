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

LIGHTNING = """
import lightning
import torch
from lightning.pytorch.loggers import WandbLogger

EPOCHS, BATCHES = 2, 5


class Line(lightning.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.save_hyperparameters()
        self.layer = torch.nn.Linear(1, 1)
        self.losses = []

    def training_step(self, batch, number):
        (inputs,) = batch
        loss = torch.nn.functional.mse_loss(self.layer(inputs), 2 * inputs)
        self.losses.append(loss.item())
        self.log("train/loss", loss)
        return loss

    def validation_step(self, batch, number):
        self.log("val/loss", torch.tensor(float(self.current_epoch)))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=self.hparams.lr)


def test_training_logs_losses_and_hyperparameters(mockwb, tmp_path):
    inputs = torch.utils.data.TensorDataset(torch.linspace(-1, 1, 4 * BATCHES).reshape(-1, 1))
    batches = torch.utils.data.DataLoader(inputs, batch_size=4)
    model = Line(lr=0.1)
    logger = WandbLogger(name="bold", save_dir=tmp_path, log_model=True)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS,
        accelerator="cpu",
        logger=logger,
        log_every_n_steps=1,
        enable_progress_bar=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(model, batches, batches)
    logger.experiment.finish()

    run = mockwb.run()
    assert (run.name, run.state, run.project) == ("bold", "finished", mockwb.project)
    assert run.config["lr"] == 0.1
    assert len(model.losses) == EPOCHS * BATCHES
    mockwb.assert_logged(run, {
        "train/loss": model.losses,
        "val/loss": [0.0, 1.0],
        "trainer/global_step": EPOCHS * BATCHES - 1,
        "epoch": EPOCHS - 1,
    })
    mockwb.assert_nothing_lost()
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


def test_given_lightnings_logger_then_losses_and_hyperparameters_arrive(tmp_path: Path) -> None:
    passed(integration_python("lightning==2.6.6", "torch==2.13.0"), LIGHTNING, tmp_path)
