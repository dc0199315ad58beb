"""How long the SDK waits before it tries again; every client of `delivery` asks here.

Source: wandb SDK, core/internal/clients (retry policy and Retry-After).
"""

import math
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from random import Random

from mockwb.sdkmodel.settings import RetryPolicy


def retry_wait(policy: RetryPolicy, retry: int, retry_after: float | None, random: Random) -> float:
    """Seconds to wait before retry number `retry` (from 0).

    A server's Retry-After counts exactly, however long; else the wait doubles from the policy's
    minimum, plus up to a quarter at random, up to its maximum.
    """
    if retry_after is not None:
        return retry_after
    doubled = policy.min_wait * 2.0 ** min(retry, 64)
    return min(policy.max_wait, doubled * (1 + 0.25 * random.random()))


def parse_retry_after(values: Sequence[str], wall: float) -> float | None:
    """Seconds that the Retry-After headers ask for, at `wall` seconds since the epoch.

    Decimal seconds or an RFC 1123 date; None if there is not exactly one header, or it cannot
    be read or lies in the past.
    """
    if len(values) != 1:
        return None
    seconds = _seconds(values[0].strip(), wall)
    return seconds if seconds is not None and seconds >= 0 and math.isfinite(seconds) else None


def _seconds(text: str, wall: float) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).timestamp() - wall
    except ValueError:
        return None
