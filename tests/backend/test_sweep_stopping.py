"""Hyperband."""

import importlib
import importlib.util
import random
import warnings
from typing import Any

import pytest
import yaml

from mockwb.backend.sweep_config import parse_config
from mockwb.backend.sweep_stopping import runs_to_stop

HISTORIES = {
    "a": [10.0, 9.0],
    "b": [10.0, 10.0],
    "c": [10.0, 8.0, 8.0],
    "d": [10.0, 7.0, 7.0],
    "e": [10.0, 6.0, 6.0],
}
BY_MAX = {"type": "hyperband", "max_iter": 5, "eta": 2, "s": 2}


def config(goal: str = "minimize", **early_terminate: Any) -> dict[str, Any]:
    return {
        "method": "random",
        "metric": {"name": "loss", "goal": goal},
        "early_terminate": early_terminate,
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }


def stopped(
    settings: dict[str, Any], histories: dict[str, list[float]], running: list[str]
) -> list[str]:
    return runs_to_stop(parse_config(yaml.safe_dump(settings)), histories, running)


def test_given_the_example_of_the_sweeps_package_then_the_same_run_stops() -> None:
    assert stopped(config(**BY_MAX), HISTORIES, ["b", "c", "d"]) == ["b"]


def test_given_a_metric_to_maximize_then_the_low_ones_stop() -> None:
    histories = {name: [-value for value in values] for name, values in HISTORIES.items()}
    assert stopped(config("maximize", **BY_MAX), histories, ["b", "c", "d"]) == ["b"]


@pytest.mark.parametrize(
    "settings",
    [{"type": "other"}, {"type": "hyperband"}, {"type": "hyperband", "max_iter": 1, "s": 1}],
    ids=str,
)
def test_given_no_band_then_no_run_stops(settings: dict[str, Any]) -> None:
    assert stopped(config(**settings), HISTORIES, list(HISTORIES)) == []


@pytest.mark.parametrize("goal", ["minimize", "maximize"])
@pytest.mark.parametrize(
    "settings",
    [
        {"type": "hyperband", "min_iter": 2},
        {"type": "hyperband", "min_iter": 1, "eta": 2, "strict": True},
        {"type": "hyperband", "max_iter": 27, "s": 2, "eta": 3},
    ],
    ids=["min_iter", "strict", "max_iter"],
)
def test_given_any_histories_then_it_agrees_with_the_sweeps_package(
    goal: str, settings: dict[str, Any]
) -> None:
    if importlib.util.find_spec("sweeps") is None:
        pytest.skip("needs the extra `sweeps`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sweeps = importlib.import_module("sweeps")
    chance = random.Random(1)
    for _ in range(20):
        histories = {
            f"r{n}": [chance.random() for _ in range(chance.randrange(30))] for n in range(8)
        }
        running = [name for name in histories if chance.random() < 0.6]
        runs = [
            sweeps.SweepRun(
                name=name,
                state="running" if name in running else "finished",
                history=[{"loss": value} for value in values],
            )
            for name, values in histories.items()
        ]
        theirs = [run.name for run in sweeps.stop_runs(config(goal, **settings), runs)]
        assert stopped(config(goal, **settings), histories, running) == theirs
