"""When the clients of a workload start: at once, evenly, in batches, at random, or in stages."""

import random
import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Annotated, Any

import msgspec

from mockwb.config.plain import plain
from mockwb.config.schemas import Describe, Schema
from mockwb.units import Duration, parse_duration
from mockwb.yaml_file import PartError, convert_part

_SHARE = re.compile(r"(\d+(?:\.\d+)?)\s*%")
_UP_TO_100 = r"^(100(\.0+)?|\d{1,2}(\.\d+)?)\s*%$"


class _Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A way to start."""

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """Seconds until each of `count` clients starts, in order; the same for the same `seed`."""
        raise NotImplementedError

    def problem(self, count: int) -> str | None:
        """Why it does not start just `count` clients; None if it does."""
        return None


class Evenly(_Pattern, frozen=True, kw_only=True):
    """All start evenly over a time; a time of 0 starts them at once."""

    over: Duration

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """As if one more would start at the end of the time."""
        return [self.over * index / count for index in range(count)]


class Batches(_Pattern, frozen=True, kw_only=True):
    """So many at a time, as schedulers start jobs."""

    batch: Annotated[int, msgspec.Meta(ge=1)]
    """Clients that start together."""
    every: Duration
    """From one batch to the next."""

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """The first batch at once."""
        return [index // self.batch * self.every for index in range(count)]


class Poisson(_Pattern, frozen=True, kw_only=True):
    """Each by itself, as people start jobs: the times in between are exponentially distributed."""

    poisson: Duration
    """From one start to the next, on average."""

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """The first one at once."""
        drawn = random.Random(seed)
        gaps = (drawn.expovariate(1) * self.poisson for _ in range(count - 1))
        return list(accumulate(gaps, initial=0.0))


class Portion:
    """Some of a workload's clients: a number, or a share such as `50%`."""

    __slots__ = ("_share", "_value")

    def __init__(self, value: float, *, share: bool = False) -> None:
        """`value` clients, or `value` percent of all."""
        self._value = value
        self._share = share

    @classmethod
    def from_config(cls, value: object) -> "Portion":
        """Parse either; ValueError says what was expected."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return cls(value)
        match = _SHARE.fullmatch(value) if isinstance(value, str) else None
        if match is None or float(match.group(1)) > 100:
            raise ValueError(f"expected a number of clients or a share such as 50%, got {value!r}")
        return cls(float(match.group(1)), share=True)

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        share = {"type": "string", "pattern": _UP_TO_100, "examples": ["50%"]}
        return {"anyOf": [{"type": "integer", "minimum": 0}, share]}

    def to_config(self) -> int | str:
        """What `from_config` reads."""
        return f"{self._value:g}%" if self._share else int(self._value)

    def of(self, count: int) -> int:
        """How many of `count` that is."""
        return round(count * self._value / 100) if self._share else int(self._value)


class Stage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of time in which clients start evenly; none if as many have started already."""

    to: Portion
    """Clients that have started by its end, in all."""
    duration: Duration = msgspec.field(name="for")
    """How long."""


class Stages(_Pattern, frozen=True, kw_only=True):
    """One stretch of time after the other."""

    stages: Annotated[list[Stage], msgspec.Meta(min_length=1)]

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """Evenly within each stage."""
        starts: list[float] = []
        begin = 0.0
        for stage in self.stages:
            more = stage.to.of(count) - len(starts)
            starts += [begin + stage.duration * index / more for index in range(more)]
            begin += stage.duration
        return starts

    def problem(self, count: int) -> str | None:
        """Stages that take clients away, or leave some out."""
        reached = [stage.to.of(count) for stage in self.stages]
        if reached != sorted(reached):
            return f"expected stages that go up, got {', '.join(map(str, reached))} clients"
        if reached[-1] != count:
            return (
                f"the last stage goes to {reached[-1]} clients, and there are {count}: write 100%"
            )
        return None


class Ramp:
    """One of the patterns."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: Evenly | Batches | Poisson | Stages) -> None:
        """Start clients as `pattern` says."""
        self.pattern = pattern

    @classmethod
    def over(cls, seconds: float) -> "Ramp":
        """Evenly over a time."""
        return cls(Evenly(over=Duration(seconds)))

    @classmethod
    def from_config(cls, value: object) -> "Ramp":
        """A duration, batches, random gaps or stages; ValueError says what was expected."""
        if isinstance(value, list):
            return cls(_stages(value))
        if isinstance(value, dict):
            kind: type[Batches] | type[Poisson] = Poisson if "poisson" in value else Batches
            return cls(convert_part(value, kind))
        try:
            return cls(Evenly(over=parse_duration(value)))
        except ValueError:
            raise ValueError(
                "expected a duration such as 30s, {batch: 50, every: 10s}, {poisson: 2s} or a list "
                f"of stages {{to: 50%, for: 1m}}, got {value!r}"
            ) from None

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        return {"anyOf": [of(form) for form in (Duration, Batches, Poisson, list[Stage])]}

    def to_config(self) -> Any:
        """What `from_config` reads."""
        written = plain(self.pattern)
        return written.get("over", written.get("stages", written))

    def starts(self, count: int, seed: str) -> Sequence[float]:
        """Seconds until each of `count` clients starts, in order; the same for the same `seed`."""
        return _starts(self, count, seed)

    def problem(self, count: int) -> str | None:
        """Why it does not start just `count` clients; None if it does."""
        return self.pattern.problem(count)


def _stages(value: list[Any]) -> Stages:
    try:
        return convert_part({"stages": value}, Stages)
    except PartError as error:
        raise PartError(error.problem, error.path[1:]) from None


@lru_cache(maxsize=100)
def _starts(ramp: Ramp, count: int, seed: str) -> Sequence[float]:
    return tuple(ramp.pattern.starts(count, seed))
