"""What the SDK reads of an answer's headers. `delivery` asks; a simulation says it outright."""

from collections.abc import Iterable
from typing import NamedTuple


class RateHeaders(NamedTuple):
    """The headers that pace requests, as text."""

    remaining: str | None = None
    """RateLimit-Remaining; the first one of several."""
    reset: str | None = None
    """RateLimit-Reset; likewise."""
    retry_after: tuple[str, ...] = ()
    """Every Retry-After."""


Headers = RateHeaders | Iterable[tuple[str, str]]
"""Names in any case, and values; a name may come twice. Or what is to be read of them."""


def read(headers: Headers) -> RateHeaders:
    """Those that matter."""
    if isinstance(headers, RateHeaders):
        return headers
    retry_after: list[str] = []
    remaining: str | None = None
    reset: str | None = None
    for name, value in headers:
        match name.lower():
            case "retry-after":
                retry_after.append(value)
            case "ratelimit-remaining":
                remaining = value if remaining is None else remaining
            case "ratelimit-reset":
                reset = value if reset is None else reset
    return RateHeaders(remaining, reset, tuple(retry_after))
