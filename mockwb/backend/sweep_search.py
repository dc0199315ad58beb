"""Which config a sweep tries next: through a grid in order, by chance, or by Bayesian search."""

import itertools
from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from mockwb.backend.json_text import to_json
from mockwb.backend.sweep_config import SweepConfig
from mockwb.backend.sweep_parameters import Parameter

Args = dict[str, Any]
"""A run's share of the search, as agents get it: `{"lr": {"value": 0.1}}`."""


def next_in_grid(config: SweepConfig, tried: Iterable[Args]) -> Args | None:
    """The first point that was not tried yet; None after the last one."""
    parameters = config.parameters
    values = [parameter.grid for parameter in parameters]
    texts = [[_comparable(value) for value in column] for column in values]
    known = {_point(parameters, args) for args in tried}
    places = itertools.product(*[range(len(column)) for column in values])
    for place, point in zip(places, itertools.product(*texts), strict=True):
        if point not in known:
            drawn = [column[n] for column, n in zip(values, place, strict=True)]
            return as_args(parameters, drawn)
    return None


def next_by_chance(config: SweepConfig, seed: str) -> Args:
    """A point by chance, the same for the same `seed`."""
    chance = Random(seed)
    drawn = [parameter.draw(chance) for parameter in config.parameters]
    return as_args(config.parameters, drawn)


def as_args(parameters: Sequence[Parameter], values: Sequence[Any]) -> Args:
    """Values of parameters as agents get them; nested ones as objects."""
    args: Args = {}
    for parameter, value in zip(parameters, values, strict=True):
        first, *rest = parameter.path
        place, key = args.setdefault(first, {"value": None}), "value"
        for name in rest:
            if not isinstance(place[key], dict):
                place[key] = {}
            place, key = place[key], name
            place.setdefault(key, None)
        place[key] = value
    return args


def _point(parameters: Sequence[Parameter], args: Args) -> tuple[str, ...]:
    """Where in the grid a run lies; what it does not name is told apart from every value."""
    return tuple(_comparable(_value(args, parameter.path)) for parameter in parameters)


def _value(args: Args, path: tuple[str, ...]) -> Any:
    entry: Any = args.get(path[0])
    value = entry["value"] if isinstance(entry, dict) and "value" in entry else entry
    for name in path[1:]:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _comparable(value: Any) -> str:
    """As text; 1.0 counts as 1, for SDKs send the one for the other."""
    whole = isinstance(value, float) and value.is_integer()
    return to_json(int(value) if whole else value)
