"""What the Retry-After header of a 429 says, as configuration writes it."""

import math
from typing import Literal

from mockwb.units import exact_duration, parse_duration


class RetryAfter:
    """`off`, `reset`, `next`, or a fixed time."""

    __slots__ = ("mode", "seconds")

    def __init__(self, mode: Literal["off", "reset", "next", "fixed"], seconds: float = 0) -> None:
        """`off` sends none, `reset` and `next` the time until that, `fixed` so many `seconds`."""
        self.mode = mode
        self.seconds = seconds

    @classmethod
    def from_config(cls, value: object) -> "RetryAfter":
        """Parse `off`, `reset`, `next` or a duration; ValueError says what was expected."""
        if value is False:  # YAML reads a bare `off` so
            value = "off"
        if value in ("off", "reset", "next"):
            return cls(value)
        try:
            seconds = parse_duration(value)
        except ValueError:
            raise ValueError(
                f"expected off, reset, next or a duration such as 5s, got {value!r}"
            ) from None
        if seconds < 1:
            raise ValueError(f"expected at least 1s (SDKs retry without pause on 0), got {value!r}")
        return cls("fixed", seconds)

    def whole_seconds(self, reset: int, following: int) -> int | None:
        """What the header says, given RateLimit-Reset and when the next request passes."""
        if self.mode == "off":
            return None
        if self.mode == "fixed":
            return math.ceil(self.seconds)
        return reset if self.mode == "reset" else following

    def to_config(self) -> str:
        """The text that `from_config` reads."""
        return exact_duration(self.seconds) if self.mode == "fixed" else self.mode

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RetryAfter) and (
            (self.mode, self.seconds) == (other.mode, other.seconds)
        )

    def __hash__(self) -> int:
        return hash((self.mode, self.seconds))

    def __repr__(self) -> str:
        return f"RetryAfter({self.to_config()})"
