"""The kinds of window by the names that configuration uses. A further kind is one more line."""

from collections.abc import Callable
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
