"""So many per window, as configuration writes it: `60/1m`, `10MB/1s fixed`, `[2/1s, 60/1m]`."""

import re
from typing import ClassVar, NamedTuple, Self

from mockwb.limits.windows.kinds import KIND_NAMES, WindowKind
from mockwb.units import (
    LARGEST,
    exact_duration,
    format_duration,
    format_size,
    parse_duration,
    parse_size,
)

_WHOLE = re.compile(r"[0-9]{1,17}")
_SHORTEST = 0.001
"""Seconds of the shortest window."""


class Rate(NamedTuple):
    """What one window allows."""

    amount: int
    window: float
    """Seconds."""
    kind: WindowKind | None = None
    """None takes the kind that is the default of all limits."""
    text: str = ""
    """As people write it, without the kind."""


class Rates:
    """Any number of windows that all have to agree; none at all is `unlimited`."""

    __slots__ = ("windows",)

    example: ClassVar[str]

    def __init__(self, windows: tuple[Rate, ...] = ()) -> None:
        """Hold to all of `windows`."""
        self.windows = windows

    @classmethod
    def from_config(cls, value: object) -> Self:
        """Parse one rate, a list of them, or `unlimited`; ValueError says what was expected."""
        if value == "unlimited":
            return cls()
        values = value if isinstance(value, list) else [value]
        if not values:
            raise ValueError(f"expected `unlimited` or a rate such as {cls.example}, got []")
        windows = tuple(cls._parsed(item) for item in values)
        if len({(rate.window, rate.kind) for rate in windows}) < len(windows):
            raise ValueError(f"expected windows of different lengths, got {value!r}")
        return cls(windows)

    def to_config(self) -> str | list[str]:
        """The text or texts that `from_config` reads."""
        texts = [f"{rate.text} {rate.kind}" if rate.kind else rate.text for rate in self.windows]
        return "unlimited" if not texts else texts[0] if len(texts) == 1 else texts

    def __str__(self) -> str:
        config = self.to_config()
        return config if isinstance(config, str) else ", ".join(config)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rates) and (type(self), self.windows) == (
            type(other),
            other.windows,
        )

    def __hash__(self) -> int:
        return hash((type(self), self.windows))

    @classmethod
    def _parsed(cls, value: object) -> Rate:
        if not isinstance(value, str) or value.count("/") != 1:
            raise ValueError(f"expected an amount per window such as {cls.example}, got {value!r}")
        amount_text, _, rest = value.partition("/")
        window_text, _, kind_text = rest.strip().partition(" ")
        kind = next((kind for kind in KIND_NAMES if kind == kind_text.strip()), None)
        if kind_text.strip() and kind is None:
            raise ValueError(
                f"expected {', '.join(KIND_NAMES)} or nothing behind the window, got {value!r}"
            )
        amount = cls._amount(amount_text.strip())
        window = _window(window_text)
        text = f"{cls._amount_text(amount)}/{exact_duration(window)}"
        return Rate(amount, window, kind, text)

    @staticmethod
    def _amount(text: str) -> int:
        raise NotImplementedError

    @staticmethod
    def _amount_text(amount: int) -> str:
        raise NotImplementedError


class CountRates(Rates):
    """Requests, run creations, ... per window, such as `60/1m`."""

    __slots__ = ()
    example = "60/1m"

    @staticmethod
    def _amount(text: str) -> int:
        if not _WHOLE.fullmatch(text) or int(text) > LARGEST:
            what = f"expected a whole number of at most {LARGEST} per window such as 60/1m"
            raise ValueError(f"{what}, got {text!r}")
        return int(text)

    @staticmethod
    def _amount_text(amount: int) -> str:
        return str(amount)


class ByteRates(Rates):
    """Bytes per window, such as `10MB/1m`."""

    __slots__ = ()
    example = "10MB/1m"

    @staticmethod
    def _amount(text: str) -> int:
        return int(parse_size(text))

    @staticmethod
    def _amount_text(amount: int) -> str:
        size = format_size(amount)
        return size if parse_size(size) == amount else f"{amount}B"


class TimeRates(Rates):
    """Time spent per window, such as `30s/1m`; amounts in whole milliseconds."""

    __slots__ = ()
    example = "30s/1m"

    @staticmethod
    def _amount(text: str) -> int:
        return round(parse_duration(text) * 1000)

    @staticmethod
    def _amount_text(amount: int) -> str:
        return format_duration(amount / 1000)


def _window(text: str) -> float:
    """`1m` or `m`, in seconds; a window of no length would limit nothing."""
    seconds = parse_duration(text if text[:1].isdigit() else f"1{text}")
    if seconds < _SHORTEST:
        raise ValueError(f"expected a window of at least 1ms, got {text!r}")
    return float(seconds)
