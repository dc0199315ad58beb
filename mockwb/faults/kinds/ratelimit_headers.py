"""Answers whose RateLimit headers are wrong, or not there."""

from typing import Annotated

import msgspec

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike

Value = Annotated[str, msgspec.Meta(pattern="^[ -~]*$", max_length=100)]


class RateLimitHeaders(FaultKind, frozen=True, kw_only=True, tag="ratelimit_headers"):
    """Put these values into every answer, those of refusals included; None takes them away."""

    limit: Value | None = None
    """RateLimit-Limit."""
    remaining: Value | None = None
    """RateLimit-Remaining."""
    reset: Value | None = None
    """RateLimit-Reset."""
    retry_after: Value | None = None
    """Retry-After."""

    def effect(self, strike: Strike) -> Effect:
        """The headers."""
        values = {
            "RateLimit-Limit": self.limit,
            "RateLimit-Remaining": self.remaining,
            "RateLimit-Reset": self.reset,
            "Retry-After": self.retry_after,
        }
        return Effect(
            headers={
                name: None if value is None else value.strip() for name, value in values.items()
            }
        )
