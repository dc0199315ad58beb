"""The kinds of window by the names that configuration uses. A further kind is one more line."""

from collections.abc import Callable, Iterable
from typing import Literal, get_args

from mockwb.limits.windows.fixed import FixedWindow
from mockwb.limits.windows.rolling import RollingWindow
from mockwb.limits.windows.token_bucket import TokenBucket
from mockwb.limits.windows.window import Window

WindowKind = Literal["rolling", "fixed", "token-bucket"]

_KINDS: dict[WindowKind, Callable[[int, float], Window]] = {
    "rolling": RollingWindow,
    "fixed": FixedWindow,
    "token-bucket": TokenBucket,
}
KIND_NAMES: tuple[WindowKind, ...] = get_args(WindowKind)


def make_window(kind: WindowKind, limit: int, length: float) -> Window:
    """An empty window that allows `limit` per `length` seconds."""
    return _KINDS[kind](limit, length)


def carry_over(window: Window, predecessors: Iterable[Window], now: float) -> None:
    """Charge the new `window` with what counted before it came, as far as its length reaches.

    Of `predecessors` (windows of the same key and limit until now) the one with the longest memory
    speaks; nothing it still knows of is lost, and nothing is counted twice.
    """
    donor = max(predecessors, key=lambda old: old.length, default=None)
    if donor is None:
        return
    for at, cost in donor.history(now):
        if at > now - window.length:
            window.charge(at, cost)
    window.expire(now)
