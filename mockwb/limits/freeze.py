"""A freeze: everything is refused until somebody releases it, or its time is over."""

import msgspec

FREEZE = ("server", "freeze")
"""Scope and limit that refusals of a freeze name."""
_RESET = 10


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """Refuse every request that limits could apply to."""

    until: float | None = None
    """Seconds of the limiter's clock; None lasts until it is released."""
    reset: int = _RESET
    """RateLimit-Reset of a freeze without an end, in seconds."""

    def over(self, now: float) -> bool:
        """Whether its time has passed."""
        return self.until is not None and now >= self.until
