"""What a limit's decision looks like on the wire: the RateLimit headers (W&B docs, Rate limits)."""

from functools import lru_cache

from mockwb.limits.decision import SCALE, Decision


def rate_limit_headers(decision: Decision) -> dict[str, str]:
    """RateLimit-Limit, -Remaining and -Reset; Retry-After on a refusal if configured.

    The same object again for the same values: leave it as it is.
    """
    return _headers(decision.remaining, decision.reset, decision.retry_after)


@lru_cache(maxsize=4096)
def _headers(remaining: int, reset: int, retry_after: int | None) -> dict[str, str]:
    headers = {
        "RateLimit-Limit": str(SCALE),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(reset),
    }
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return headers
