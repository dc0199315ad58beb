"""What a sweep config may say."""

from typing import Any

import pytest
import yaml

from mockwb.backend.errors import InvalidError
from mockwb.backend.sweep_config import SweepConfig, parse_config, warnings_of

LR = {"lr": {"values": [1, 2]}}


def parsed(**values: Any) -> SweepConfig:
    return parse_config(yaml.safe_dump({"method": "grid", "parameters": LR} | values))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: [", "not valid YAML"),
        ("- 1", "must be a mapping"),
        ("parameters: {lr: {value: 1}}", "method is missing"),
        ("method: magic\nparameters: {lr: {value: 1}}", "'magic' is none of grid"),
        ("method: grid", "parameters must be a mapping"),
        ("method: grid\nparameters: {}", "parameters must be a mapping"),
        ("method: grid\nparameters: {lr: 1}", "hyperparameter 'lr'"),
        ("method: grid\nparameters: {lr: {}}", "parameter lr: needs value"),
        ("method: grid\nparameters: {lr: {min: 0.0, max: 1.0}}", "grid search needs"),
        ("method: bayes\nparameters: {lr: {min: 0.0, max: 1.0}}", "needs metric"),
        ("method: random\nparameters: {lr: {min: 2, max: 1}}", "min 2 is not less than max 1"),
        ("method: random\nparameters: {lr: {distribution: x}}", "unknown distribution 'x'"),
        ("method: random\nparameters: {lr: {distribution: constant}}", "constant needs a value"),
        ("method: random\nparameters: {lr: {distribution: uniform, max: 1}}", "number min"),
        (
            "method: random\nparameters: {lr: {distribution: log_uniform_values, min: 0, max: 1}}",
            "min above 0",
        ),
        (
            "method: random\nparameters: {lr: {values: [1, 2], probabilities: [0.5]}}",
            "not the same length",
        ),
        (
            "method: random\nparameters: {lr: {values: [1, 2], probabilities: [0.5, 0.6]}}",
            "do not sum to 1",
        ),
        ("method: random\nparameters: {lr: {values: []}}", "values must be a list"),
        ("method: random\nparameters: {o: {parameters: {n: {}}}}", "parameter o.n: needs value"),
        ("method: grid\nparameters: {lr: {value: 1}}\nrun_cap: 0", "run_cap must be"),
    ],
)
def test_given_what_no_search_can_use_then_it_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint):
        parse_config(text)


@pytest.mark.parametrize(
    ("values", "warning"),
    [
        ({"metod": 1}, "Additional properties are not allowed ('metod' was unexpected)"),
        ({"metric": {"goal": "minimize"}}, "metric: 'name' is a required property"),
        (
            {"metric": {"name": "x", "goal": "min"}},
            "metric: goal 'min' is not one of ['minimize', 'maximize']",
        ),
        (
            {"early_terminate": {"type": "hyperband", "min_iter": 1}},
            "early_terminate needs metric; no run will be stopped early",
        ),
        (
            {"parameters": {"lr": {"value": 1, "step": 2}}},
            "parameter lr: additional properties are not allowed ('step' was unexpected)",
        ),
    ],
)
def test_given_what_is_merely_odd_then_there_is_a_warning(
    values: dict[str, Any], warning: str
) -> None:
    assert warnings_of(parsed(**values)) == [warning]


def test_given_a_sound_config_then_there_is_no_warning() -> None:
    config = parsed(
        metric={"name": "loss", "goal": "minimize"},
        early_terminate={"type": "hyperband", "min_iter": 3},
        program="train.py",
        run_cap=4,
    )
    assert warnings_of(config) == []


def test_given_a_grid_then_its_size_counts_nested_parameters_too() -> None:
    nested = {"o": {"parameters": {"n": {"values": [1, 2, 3]}, "c": {"value": 0}}}}
    assert parsed(parameters=LR | nested).size() == 6
    assert parsed(method="random").size() is None
