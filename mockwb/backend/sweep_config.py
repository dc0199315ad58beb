"""The config of a sweep: read from YAML, and judged.

What no search could work with is refused; what is merely odd becomes a warning, which SDKs print
("Malformed sweep config detected!"), and the sweep is made all the same.
"""

from collections.abc import Iterator
from typing import Any

import yaml

from mockwb.backend.errors import InvalidError
from mockwb.backend.sweep_parameters import Parameter, parameters_of

METHODS = ("grid", "random", "bayes", "custom")
_KNOWN = frozenset(
    {
        *("apiVersion", "api_version", "command", "controller", "description", "display_name"),
        *("early_terminate", "entity", "imageuri", "job", "kind", "launch", "method", "metric"),
        *("metrics", "name", "parameters", "program", "project", "run_cap", "runcap", "scheduler"),
        *("settings", "tags", "$schema"),
    }
)
_GOALS = ("minimize", "maximize")


class SweepConfig:
    """A config that a search can work with."""

    def __init__(self, values: dict[str, Any], parameters: list[Parameter]) -> None:
        """Made by `parse_config`."""
        self.values = values
        self.parameters = parameters
        """Nested ones by their whole path."""
        self.method: str = values["method"]

    @property
    def metric(self) -> str | None:
        """What runs are compared by."""
        metric = self.values.get("metric")
        return metric.get("name") if isinstance(metric, dict) else None

    @property
    def maximizes(self) -> bool:
        """Whether more of the metric is better."""
        metric = self.values.get("metric")
        return isinstance(metric, dict) and metric.get("goal") == "maximize"

    @property
    def run_cap(self) -> int | None:
        """The most runs that the sweep may have."""
        cap: int | None = self.values.get("run_cap")
        return cap

    @property
    def early_terminate(self) -> dict[str, Any] | None:
        """How bad runs are stopped; None if they are not."""
        found = self.values.get("early_terminate")
        return found if isinstance(found, dict) else None

    @property
    def steered_by_client(self) -> bool:
        """Whether a controller or scheduler of the client's chooses the runs."""
        controller = self.values.get("controller")
        local = isinstance(controller, dict) and controller.get("type") == "local"
        return local or bool(self.values.get("scheduler")) or self.method == "custom"

    def size(self) -> int | None:
        """How many points a grid has; None for searches without an end."""
        if self.method != "grid":
            return None
        size = 1
        for parameter in self.parameters:
            size *= len(parameter.grid)
        return size


def parse_config(text: str) -> SweepConfig:
    """The config in a YAML text; InvalidError says what is wrong with it."""
    try:
        values = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidError(f"sweep config is not valid YAML: {error}") from error
    if not isinstance(values, dict):
        raise InvalidError("sweep config must be a mapping with method and parameters")
    method = values.get("method")
    if method is None:
        raise InvalidError("sweep config: method is missing, one of " + ", ".join(METHODS))
    if method not in METHODS:
        raise InvalidError(f"sweep config: method {method!r} is none of {', '.join(METHODS)}")
    _check_cap(values.get("run_cap"))
    config = SweepConfig(values, _parameters(values))
    if method == "bayes" and not config.metric:
        raise InvalidError("sweep config: method bayes needs metric with a name")
    if method == "grid":
        for parameter in config.parameters:
            parameter.check_grid()
    return config


def warnings_of(config: SweepConfig) -> list[str]:
    """What is odd about a config, in the words of W&B's schema where it has some."""
    return [*_odd_keys(config.values), *_odd_metric(config), *_odd_termination(config)] + [
        warning for parameter in config.parameters for warning in parameter.warnings()
    ]


def _parameters(values: dict[str, Any]) -> list[Parameter]:
    scheduler = values.get("scheduler")
    if isinstance(scheduler, dict) and scheduler.get("search_space"):
        return []
    parameters = values.get("parameters")
    if not isinstance(parameters, dict) or not parameters:
        raise InvalidError("sweep config: parameters must be a mapping with one entry or more")
    return parameters_of(parameters)


def _check_cap(cap: object) -> None:
    if cap is not None and (not isinstance(cap, int) or isinstance(cap, bool) or cap < 1):
        raise InvalidError(f"sweep config: run_cap must be a whole number above 0, got {cap!r}")


def _odd_keys(values: dict[str, Any]) -> Iterator[str]:
    for key in values:
        if key not in _KNOWN:
            yield f"Additional properties are not allowed ({key!r} was unexpected)"


def _odd_metric(config: SweepConfig) -> Iterator[str]:
    metric = config.values.get("metric")
    if metric is None:
        return
    if not isinstance(metric, dict):
        yield f"metric: {metric!r} is not of type 'object'"
    elif not metric.get("name"):
        yield "metric: 'name' is a required property"
    elif metric.get("goal", "minimize") not in _GOALS:
        yield f"metric: goal {metric['goal']!r} is not one of {list(_GOALS)}"


def _odd_termination(config: SweepConfig) -> Iterator[str]:
    raw = config.values.get("early_terminate")
    if raw is None:
        return
    if not isinstance(raw, dict) or raw.get("type") != "hyperband":
        yield "early_terminate: type must be 'hyperband'; no run will be stopped early"
    elif not config.metric:
        yield "early_terminate needs metric; no run will be stopped early"
    elif "min_iter" not in raw and "max_iter" not in raw:
        yield "early_terminate: min_iter or max_iter is required; no run will be stopped early"
    elif "max_iter" in raw and "s" not in raw:
        yield "early_terminate: max_iter needs s; no run will be stopped early"
