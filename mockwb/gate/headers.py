"""What a limit's decision looks like on the wire: the RateLimit headers (W&B docs, Rate limits)."""

from mockwb.limits.decision import SCALE, Decision


def rate_limit_headers(decision: Decision) -> dict[str, str]:
    """RateLimit-Limit, -Remaining and -Reset; Retry-After on a refusal if configured."""
    headers = {
        "RateLimit-Limit": str(SCALE),
        "RateLimit-Remaining": str(decision.remaining),
        "RateLimit-Reset": str(decision.reset),
    }
    if decision.retry_after is not None:
        headers["Retry-After"] = str(decision.retry_after)
    return headers
