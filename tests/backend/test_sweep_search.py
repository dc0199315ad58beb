"""What a search tries next."""

import importlib.util
from typing import Any

import pytest
import yaml

from mockwb.backend.sweep_bayes import Trial, next_by_bayes
from mockwb.backend.sweep_config import SweepConfig, parse_config
from mockwb.backend.sweep_search import next_by_chance, next_in_grid


def parsed(method: str, parameters: dict[str, Any]) -> SweepConfig:
    values = {"method": method, "parameters": parameters, "metric": {"name": "loss"}}
    return parse_config(yaml.safe_dump(values))


def whole_grid(parameters: dict[str, Any]) -> list[Any]:
    config, tried = parsed("grid", parameters), []
    while (args := next_in_grid(config, tried)) is not None:
        tried.append(args)
    return tried


def test_given_a_grid_then_every_point_comes_once() -> None:
    parameters = {
        "a": {"values": [1, 2]},
        "b": {"min": 3, "max": 4},
        "o": {"parameters": {"p": {"value": "x"}, "q": {"values": [None, [1]]}}},
    }
    points = [
        (args["a"]["value"], args["b"]["value"], args["o"]["value"]["q"])
        for args in whole_grid(parameters)
    ]
    assert points == [(a, b, q) for a in (1, 2) for b in (3, 4) for q in (None, [1])]


def test_given_steps_then_a_grid_goes_up_to_their_end() -> None:
    steps = {"x": {"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.25}}
    assert [args["x"]["value"] for args in whole_grid(steps)] == [0, 0.25, 0.5, 0.75]


def test_given_a_point_that_was_tried_as_another_number_then_it_does_not_come_again() -> None:
    config = parsed("grid", {"x": {"values": [1.0, 2.0]}})
    found = next_in_grid(config, [{"x": {"value": 1}}])
    assert found == {"x": {"value": 2.0}}


@pytest.mark.parametrize(
    ("spec", "holds"),
    [
        ({"value": 7}, lambda x: x == 7),
        ({"values": ["a", "b"]}, lambda x: x in ("a", "b")),
        ({"values": ["a", "b"], "probabilities": [0, 1]}, lambda x: x == "b"),
        ({"min": 1, "max": 3}, lambda x: x in (1, 2, 3)),
        ({"min": 1.0, "max": 3.0}, lambda x: 1 <= x <= 3),
        ({"distribution": "q_uniform", "min": 0, "max": 1, "q": 0.5}, lambda x: x in (0, 0.5, 1)),
        ({"distribution": "log_uniform", "min": -1, "max": 0}, lambda x: 0.36 < x <= 1),
        ({"distribution": "log_uniform_values", "min": 1, "max": 9}, lambda x: 1 <= x <= 9),
        ({"distribution": "inv_log_uniform", "min": 0, "max": 1}, lambda x: 0.36 < x <= 1),
        ({"distribution": "inv_log_uniform_values", "min": 1, "max": 9}, lambda x: 1 <= x <= 9),
        ({"distribution": "normal", "mu": 5, "sigma": 0.001}, lambda x: 4 < x < 6),
        ({"distribution": "q_normal", "mu": 5, "sigma": 0.001}, lambda x: x == 5),
        ({"distribution": "log_normal", "sigma": 0.001}, lambda x: 0.9 < x < 1.1),
        ({"distribution": "beta", "a": 2, "b": 2}, lambda x: 0 < x < 1),
    ],
)
def test_given_a_distribution_then_what_is_drawn_lies_in_it(spec: Any, holds: Any) -> None:
    config = parsed("random", {"o": {"parameters": {"x": spec}}})
    drawn = [next_by_chance(config, f"seed {n}")["o"]["value"]["x"] for n in range(50)]
    assert all(holds(value) for value in drawn), drawn


def test_given_the_same_seed_then_the_same_is_drawn() -> None:
    config = parsed("random", {"x": {"min": 0.0, "max": 1.0}})
    assert next_by_chance(config, "a") == next_by_chance(config, "a")
    assert next_by_chance(config, "a") != next_by_chance(config, "b")


def test_given_the_package_then_bayes_closes_in_on_the_minimum() -> None:
    if importlib.util.find_spec("sweeps") is None:
        pytest.skip("needs the extra `sweeps`")
    config = parsed("bayes", {"x": {"min": 0.0, "max": 1.0}, "c": {"value": 1}})
    trials: list[Trial] = []
    for n in range(12):
        args = next_by_bayes(config, trials)
        assert type(args["x"]["value"]) is float
        loss = (args["x"]["value"] - 0.3) ** 2
        trials.append(
            Trial(name=f"r{n}", state="finished", args=args, summary={"loss": loss}, history=[])
        )
    assert min(trial.summary["loss"] for trial in trials) < 0.01
