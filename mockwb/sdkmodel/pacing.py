"""The SDK's own brake: it estimates a request rate from RateLimit headers and keeps to it.

`file_stream` has one per run. Source: wandb SDK, core/internal/api/ratelimittracker.go; headers as
in draft-polli-ratelimit-headers-02, of which the SDK reads Remaining and Reset (delta seconds).
"""

import math

MIN_RATE = 0.1
MAX_RATE = 65536.0
BURST = 10.0
_SMOOTHING = 0.2
_MIN_REQUESTS = 5


class HeaderPacing:
    """An estimator of the allowed rate, and the token bucket that enforces it.

    Calculates as the SDK's Go code does, IEEE infinities and NaN included: a Remaining of 0 at
    the wrong moment makes the rate NaN, and then the bucket never waits again.
    """

    __slots__ = (
        "_accrued_at",
        "_last_remaining",
        "_requests",
        "_requests_per_unit",
        "_target",
        "_tokens",
        "_valid_until",
        "rate",
    )

    def __init__(self) -> None:
        self.rate = MAX_RATE
        """Requests per second allowed now; NaN once poisoned."""
        self._tokens = BURST
        self._accrued_at = -math.inf
        self._requests_per_unit = 1.0
        self._target = MAX_RATE
        self._last_remaining = 0.0
        self._valid_until = -math.inf
        self._requests = 0

    @property
    def requests_per_unit(self) -> float:
        """The smoothed estimate of how many requests one quota unit buys."""
        return self._requests_per_unit

    def take(self, now: float, max_wait: float = math.inf) -> float | None:
        """Seconds to wait before the next attempt; None, taking nothing, if above `max_wait`."""
        self._accrue(now)
        tokens = self._tokens - 1
        wait = -tokens / self.rate if tokens < 0 else 0.0
        if wait > max_wait:
            return None
        self._tokens = tokens
        self._requests += 1
        return wait

    def learn(self, now: float, remaining: str | None, reset: str | None) -> None:
        """Take in the headers of an answer, whatever its status."""
        left, seconds = _quantity(remaining), _quantity(reset)
        if left is None or seconds is None:
            return
        fresh = now > self._valid_until
        if seconds > 1 and (now >= self._valid_until or self._requests >= _MIN_REQUESTS):
            self._close_window(left, seconds, fresh)
            self._valid_until = now + math.trunc(seconds)
        self._accrue(now)
        self.rate = _clamp(self._requests_per_unit * self._target)

    def _close_window(self, left: float, seconds: float, fresh: bool) -> None:
        used = self._last_remaining - left
        self._target = left / seconds
        if used < 1 or fresh:
            sample = MAX_RATE / self._target if self._target else math.inf
        else:
            sample = self._requests / used
        self._requests = 0
        self._last_remaining = left
        self._requests_per_unit = _SMOOTHING * self._requests_per_unit + (1 - _SMOOTHING) * sample

    def _accrue(self, now: float) -> None:
        if self._accrued_at == -math.inf:
            self._accrued_at = now
        tokens = self._tokens + (now - self._accrued_at) * self.rate
        self._accrued_at = now
        # Not min(): a NaN has to stay one.
        self._tokens = BURST if tokens > BURST else tokens


def _quantity(text: str | None) -> float | None:
    """A header's number, at least 0."""
    try:
        value = float(text) if text is not None else -1.0
    except ValueError:
        return None
    return value if value >= 0 and math.isfinite(value) else None


def _clamp(rate: float) -> float:
    return rate if math.isnan(rate) else min(MAX_RATE, max(MIN_RATE, rate))
