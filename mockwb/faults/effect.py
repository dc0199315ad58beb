"""What a fault does to one request, in words that `wire.fault_effects` carries out.

Kinds of faults return effects; a new kind is a new way to fill these fields in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

T = TypeVar("T")

When = Literal["before", "during", "after"]
"""Before anything of the body is read, with half of it read, or once the request is handled."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in place of the server's own."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    handled: bool = False
    """Whether the request is handled all the same, and only its answer replaced."""


@dataclass(frozen=True, slots=True)
class Stall:
    """Silence, until the client gives up."""

    seconds: float
    """Then the connection is closed."""
    handled: bool = False
    """Whether the request is handled before."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Everything that can happen to a request; what is left at its default does not."""

    delay: float = 0.0
    """Seconds before the request is handled."""
    refuse: float | None = None
    """Seconds for which nothing listens any more; all connections break."""
    disconnect: When | None = None
    stall: Stall | None = None
    answer: Answer | None = None
    bytes_in: int | None = None
    """Bytes per second at which the body is taken."""
    bytes_out: int | None = None
    """Bytes per second at which the answer's body is given."""
    headers: Mapping[str, str | None] = field(default_factory=dict)
    """Headers of the answer to set, or to take away where it is None."""
    date_skew: float = 0.0
    """Seconds that the answer's Date, and the dates in it, are ahead."""
    keep: float | None = None
    """Share of the answer's body that is sent before the connection breaks."""
    corrupt_every: int | None = None
    """One of so many bytes of the answer's body is damaged."""
    corrupt_seed: str = ""
    """What decides which ones."""
    stopped: bool = False
    """Whether runs are told that somebody stopped them."""


def together(effects: Iterable[Effect]) -> Effect:
    """All of them at once: delays and skews add up, headers merge, of the rest the first counts."""
    first, *others = effects
    for other in others:
        first = Effect(
            delay=first.delay + other.delay,
            refuse=_first(first.refuse, other.refuse),
            disconnect=_first(first.disconnect, other.disconnect),
            stall=_first(first.stall, other.stall),
            answer=_first(first.answer, other.answer),
            bytes_in=_slower(first.bytes_in, other.bytes_in),
            bytes_out=_slower(first.bytes_out, other.bytes_out),
            headers={**other.headers, **first.headers},
            date_skew=first.date_skew + other.date_skew,
            keep=_first(first.keep, other.keep),
            corrupt_every=_first(first.corrupt_every, other.corrupt_every),
            corrupt_seed=first.corrupt_seed or other.corrupt_seed,
            stopped=first.stopped or other.stopped,
        )
    return first


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one


def _slower(one: int | None, other: int | None) -> int | None:
    rates = [rate for rate in (one, other) if rate is not None]
    return min(rates, default=None)
