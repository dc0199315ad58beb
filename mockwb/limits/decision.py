"""The answer of the limits to one request; `gate` turns it into status and headers."""

import msgspec

SCALE = 1000
"""RateLimit-Limit and RateLimit-Remaining are scaled to 0..1000 (W&B docs, Rate limits)."""


class Decision(msgspec.Struct):
    """May the request pass, which limit decided, and what the headers say."""

    admitted: bool
    scope: str
    """Scope of the window that decided: the refusing one, or the tightest."""
    limit: str
    """`requests`, `bytes`, ...; see `scopes`."""
    allowance: str
    """What that window allows, as configuration writes it: `60/1m`."""
    key: str
    """What it belongs to: `entity/project`, a user name, ..."""
    remaining: int
    """RateLimit-Remaining, 0..1000."""
    reset: int
    """RateLimit-Reset, whole seconds, at least 1."""
    retry_after: int | None = None
    """Retry-After in whole seconds on a refusal, if configured."""
    too_large: bool = False
    """The request can never pass, and the limits are told to say so: 413 rather than 429."""
