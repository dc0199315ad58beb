"""What can be limited, as configuration says it: `60/1m`, per project, with overrides."""

from typing import Annotated, Literal

import msgspec

from mockwb.units import format_duration, format_size, parse_duration, parse_size


class _Rate:
    """So many per window, or without limit."""

    __slots__ = ("amount", "window")

    def __init__(self, amount: int | None, window: float = 0.0) -> None:
        """Allow `amount` within any `window` seconds; None allows any number."""
        self.amount = amount
        self.window = window

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and (
            (self.amount, self.window) == (other.amount, other.window)
        )

    def __hash__(self) -> int:
        return hash((type(self), self.amount, self.window))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"


class RequestRate(_Rate):
    """Requests per window, such as `60/1m`."""

    __slots__ = ()

    @classmethod
    def from_config(cls, value: object) -> "RequestRate":
        """Parse `60/1m` or `unlimited`; ValueError says what was expected."""
        if value == "unlimited":
            return cls(None)
        amount, window = _split(value, "60/1m")
        if not amount.isdecimal():
            raise ValueError(f"expected a whole number of requests per window, got {value!r}")
        return cls(int(amount), _window(window))

    def __str__(self) -> str:
        if self.amount is None:
            return "unlimited"
        return f"{self.amount}/{format_duration(self.window)}"


class ByteRate(_Rate):
    """Bytes per window, such as `10MB/1m`."""

    __slots__ = ()

    @classmethod
    def from_config(cls, value: object) -> "ByteRate":
        """Parse `10MB/1m` or `unlimited`; ValueError says what was expected."""
        if value == "unlimited":
            return cls(None)
        amount, window = _split(value, "10MB/1m")
        return cls(int(parse_size(int(amount) if amount.isdecimal() else amount)), _window(window))

    def __str__(self) -> str:
        if self.amount is None:
            return "unlimited"
        return f"{format_size(self.amount)}/{format_duration(self.window)}"


class RetryAfter:
    """What the Retry-After header of a 429 says."""

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

    def __repr__(self) -> str:
        return f"RetryAfter({self.mode}, {self.seconds})"


def _split(value: object, example: str) -> tuple[str, str]:
    if not isinstance(value, str) or value.count("/") != 1:
        raise ValueError(f"expected an amount per window such as {example}, got {value!r}")
    amount, window = value.split("/")
    return amount.strip(), window.strip()


def _window(text: str) -> float:
    """`1m` or `m`, in seconds; a window of no length would limit nothing."""
    seconds = parse_duration(text if text[:1].isdigit() else f"1{text}")
    if seconds <= 0:
        raise ValueError(f"expected a window longer than 0 seconds, got {text!r}")
    return float(seconds)


class ProjectLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The limits of one project's file_stream; None leaves that dimension unlimited."""

    requests: RequestRate | None = None
    bytes: ByteRate | None = None


class Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Other limits for some projects; None keeps the general limit, `unlimited` lifts it."""

    match: str
    """Glob over `entity/project`, such as `my-team/*`. The first override that matches counts."""
    requests: RequestRate | None = None
    bytes: ByteRate | None = None


class LimitRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All limits, and how refusals speak."""

    project: ProjectLimits = ProjectLimits()
    overrides: list[Override] = []
    reset: Literal["empty", "next"] = "empty"
    """RateLimit-Reset: until the window is `empty` again, or until the `next` request passes."""
    remaining_floor: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 0
    """Lowest RateLimit-Remaining ever answered; 1 spares the SDK's pacing what a 0 does to it."""
    retry_after: RetryAfter = RetryAfter("off")
    """Retry-After on 429; W&B documents none."""
    oversize: Literal["admit", "reject"] = "admit"
    """A request larger than a whole byte limit: alone in an empty window, or 413."""
