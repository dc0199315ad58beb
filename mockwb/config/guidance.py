"""Settings of the watch on W&B's guidance: the ranges, and how much is remembered."""

import math
from typing import Any, Self

import msgspec

from mockwb.logged_rows import WEIGHED_FROM
from mockwb.units import LARGEST, Size, format_size, parse_size


class CountRange(float):
    """A number, or `unlimited` (also null), which switches the range off."""

    @classmethod
    def from_config(cls, value: object) -> Self:
        """Parse it; ValueError says what was expected."""
        if value in ("unlimited", None):
            return cls(math.inf)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not 0 <= value <= LARGEST:  # type: ignore[operator]
            raise ValueError(f"expected a whole number of at least 0 or unlimited, got {value!r}")
        return cls(value)  # type: ignore[arg-type]

    def to_config(self) -> Any:
        """The number or word that `from_config` reads."""
        return "unlimited" if math.isinf(self) else int(self)


class SizeRange(CountRange):
    """Bytes such as `1MB`, or `unlimited` (also null), which switches the range off."""

    @classmethod
    def from_config(cls, value: object) -> Self:
        """Parse it; ValueError says what was expected."""
        return cls(math.inf if value in ("unlimited", None) else parse_size(value))

    def to_config(self) -> Any:
        """The bytes or the word that `from_config` reads."""
        return "unlimited" if math.isinf(self) else Size(int(self))


class GuidanceConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ranges that W&B recommends; beyond one there is a finding at `/_mockwb/guidance`."""

    enabled: bool = True
    """False watches nothing, which makes small requests cheaper."""
    runs_per_project: CountRange = CountRange(10_000)
    steps_per_run: CountRange = CountRange(500_000)
    metrics_per_project: CountRange = CountRange(100_000)
    """Distinct names, nested dicts flattened."""
    rows_per_minute: CountRange = CountRange(1_000)
    values_per_minute: CountRange = CountRange(100_000)
    video_per_minute: SizeRange = SizeRange(40_000_000)
    value_size: SizeRange = SizeRange(1_000_000)
    """Of one value, media excepted; at least 10 kB."""
    log_call_size: SizeRange = SizeRange(25_000_000)
    """Of one row; at least 10 kB."""
    config_size: SizeRange = SizeRange(10_000_000)
    files_per_run: CountRange = CountRange(1_000)
    api_requests_per_minute: CountRange = CountRange(60)
    """Of a user's public API."""
    max_projects: int = 1_000
    """Projects watched; beyond it the ones heard of longest ago are forgotten, and counted."""

    @property
    def ranges(self) -> dict[str, float]:
        """Range -> where it ends; none if nothing is watched."""
        if not self.enabled:
            return {}
        ends = msgspec.structs.asdict(self)
        return {name: float(ends[name]) for name in ends if name not in ("enabled", "max_projects")}

    def __post_init__(self) -> None:
        """Refuse ranges of sizes that are not weighed."""
        for name in ("value_size", "log_call_size"):
            if getattr(self, name) < WEIGHED_FROM:
                least = format_size(WEIGHED_FROM)
                raise ValueError(f"{name} must be at least {least}: smaller rows are not weighed")
