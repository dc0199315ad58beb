"""Parameters of a sweep: what values each can take, and how one is drawn.

Distributions are those of W&B's sweep configuration (W&B docs, Sweep configuration: Distribution
options). Parameters may be nested; each is known by its whole path.
"""

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from mockwb.backend.errors import InvalidError

MAX_GRID = 1_000_000
"""Values of one parameter in a grid."""
MAX_DEPTH = 20
_KEYS = frozenset(
    {"value", "values", "distribution", "probabilities", "min", "max", "q", "mu", "sigma", "a", "b"}
)


class Parameter:
    """One parameter."""

    def __init__(self, path: tuple[str, ...], spec: dict[str, Any]) -> None:
        """Understand `spec`; InvalidError names what is wrong with it."""
        self.path = path
        self.spec = spec
        self.kind = _kind(spec, self.name)
        if self.kind not in _DRAWS:
            raise InvalidError(f"parameter {self.name}: unknown distribution {self.kind!r}")
        if self.kind == "constant" and "value" not in spec:
            raise InvalidError(f"parameter {self.name}: constant needs a value")
        for needed in _NEEDS.get(self.kind, ()):
            if not _is_number(spec.get(needed)):
                raise InvalidError(f"parameter {self.name}: {self.kind} needs a number {needed}")
        self._check_values()
        self._check_bounds()

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)

    @property
    def grid(self) -> list[Any]:
        """All values, in the order in which a grid tries them; empty if they cannot be listed."""
        if self.kind == "constant":
            return [self.spec["value"]]
        if self.kind == "categorical":
            values: list[Any] = self.spec["values"]
            return values
        low, high = self.spec.get("min", 0), self.spec.get("max", 0)
        if self.kind == "int_uniform":
            return list(range(low, high + 1)) if high - low < MAX_GRID else []
        if self.kind == "q_uniform":
            step = self.spec.get("q", 1)
            count = math.ceil((high - low) / step)
            return [low + n * step for n in range(count)] if count <= MAX_GRID else []
        return []

    def check_grid(self) -> None:
        """InvalidError unless a grid can list the values."""
        if "probabilities" in self.spec or not self.grid:
            raise InvalidError(
                f"parameter {self.name}: grid search needs value, values, or bounds of "
                f"int_uniform or q_uniform, not {self.kind}"
            )

    def draw(self, chance: Random) -> Any:
        """A value by chance."""
        return _DRAWS[self.kind](chance, self.spec)

    def warnings(self) -> Iterator[str]:
        """What is odd about it."""
        for key in self.spec:
            if key not in _KEYS:
                yield (
                    f"parameter {self.name}: additional properties are not allowed "
                    f"({key!r} was unexpected)"
                )

    def _check_values(self) -> None:
        if self.kind != "categorical":
            return
        values = self.spec.get("values")
        if not isinstance(values, list) or not values:
            raise InvalidError(f"parameter {self.name}: values must be a list with one or more")
        shares = self.spec.get("probabilities")
        if shares is None:
            return
        if not isinstance(shares, list) or not all(_is_number(share) for share in shares):
            raise InvalidError(f"parameter {self.name}: probabilities must be a list of numbers")
        if len(shares) != len(values):
            raise InvalidError(
                f"parameter {self.name}: values and probabilities are not the same length"
            )
        if min(shares) < 0 or not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise InvalidError(f"parameter {self.name}: probabilities do not sum to 1")

    def _check_bounds(self) -> None:
        low: Any = self.spec.get("min")
        high: Any = self.spec.get("max")
        if _is_number(low) and _is_number(high) and low >= high:
            raise InvalidError(f"parameter {self.name}: min {low} is not less than max {high}")
        if self.kind == "int_uniform" and not (isinstance(low, int) and isinstance(high, int)):
            raise InvalidError(f"parameter {self.name}: int_uniform needs whole numbers")
        if self.kind.endswith("_values") and low <= 0:
            raise InvalidError(f"parameter {self.name}: {self.kind} needs a min above 0")
        for positive in ("q", "sigma", "a", "b"):
            given = self.spec.get(positive)
            if given is not None and (not _is_number(given) or given <= 0):
                raise InvalidError(f"parameter {self.name}: {positive} must be above 0")


def parameters_of(specs: dict[str, Any], path: tuple[str, ...] = ()) -> list[Parameter]:
    """The parameters of a config, nested ones in place; InvalidError names a broken one."""
    if len(path) > MAX_DEPTH:
        raise InvalidError("sweep config: parameters are nested too deeply")
    found: list[Parameter] = []
    for key, spec in specs.items():
        place = (*path, str(key))
        if not isinstance(spec, dict):
            name = ".".join(place)
            raise InvalidError(f"Invalid configuration for hyperparameter '{name}'")
        nested = spec.get("parameters")
        if isinstance(nested, dict):
            found += parameters_of(nested, place)
        else:
            found.append(Parameter(place, spec))
    return found


def _kind(spec: dict[str, Any], name: str) -> str:
    """The distribution, as written or as the keys imply it."""
    if "distribution" in spec:
        return str(spec["distribution"])
    if "values" in spec:
        return "categorical"
    if "value" in spec:
        return "constant"
    if "min" in spec and "max" in spec:
        whole = isinstance(spec["min"], int) and isinstance(spec["max"], int)
        return "int_uniform" if whole else "uniform"
    if "mu" in spec or "sigma" in spec:
        return "normal"
    raise InvalidError(f"parameter {name}: needs value, values, min and max, or a distribution")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _categorical(chance: Random, spec: dict[str, Any]) -> Any:
    return chance.choices(spec["values"], spec.get("probabilities"))[0]


def _uniform(chance: Random, spec: dict[str, Any]) -> float:
    return chance.uniform(spec["min"], spec["max"])


def _log_uniform(chance: Random, spec: dict[str, Any]) -> float:
    """The bounds are exponents of e."""
    return math.exp(_uniform(chance, spec))


def _log_uniform_values(chance: Random, spec: dict[str, Any]) -> float:
    drawn = math.exp(chance.uniform(math.log(spec["min"]), math.log(spec["max"])))
    return float(min(max(drawn, spec["min"]), spec["max"]))


def _inv_log_uniform(chance: Random, spec: dict[str, Any]) -> float:
    return math.exp(-_uniform(chance, spec))


def _inv_log_uniform_values(chance: Random, spec: dict[str, Any]) -> float:
    """`log(1/x)` is uniform, which is to say that `log(x)` is."""
    return _log_uniform_values(chance, spec)


def _normal(chance: Random, spec: dict[str, Any]) -> float:
    return chance.normalvariate(spec.get("mu", 0), spec.get("sigma", 1))


def _log_normal(chance: Random, spec: dict[str, Any]) -> float:
    return chance.lognormvariate(spec.get("mu", 0), spec.get("sigma", 1))


def _beta(chance: Random, spec: dict[str, Any]) -> float:
    return chance.betavariate(spec.get("a", 1), spec.get("b", 1))


Draw = Callable[[Random, dict[str, Any]], Any]


def _in_steps(draw: Draw) -> Draw:
    def quantized(chance: Random, spec: dict[str, Any]) -> Any:
        step = spec.get("q", 1)
        return round(draw(chance, spec) / step) * step

    return quantized


_SMOOTH: dict[str, Draw] = {
    "uniform": _uniform,
    "log_uniform": _log_uniform,
    "log_uniform_values": _log_uniform_values,
    "normal": _normal,
    "log_normal": _log_normal,
    "beta": _beta,
}
_DRAWS: dict[str, Draw] = {
    "constant": lambda _chance, spec: spec["value"],
    "categorical": _categorical,
    "int_uniform": lambda chance, spec: chance.randint(spec["min"], spec["max"]),
    **_SMOOTH,
    **{f"q_{name}": _in_steps(draw) for name, draw in _SMOOTH.items()},
    "inv_log_uniform": _inv_log_uniform,
    "inv_log_uniform_values": _inv_log_uniform_values,
}
_NEEDS = {name: ("min", "max") for name in _DRAWS if "uniform" in name}
