"""`GET /_mockwb/limits`: how full every window is."""

import msgspec

from mockwb.control.resource import Call, Operation, Parameter
from mockwb.limits.limiter import Limiter
from mockwb.limits.scopes import SCOPE_NAMES


class WindowState(msgspec.Struct, frozen=True):
    """One window of one key."""

    scope: str
    key: str
    """What is limited: `entity/project`, `entity/project/run`, a user name, an address."""
    limit: str
    """What is counted: `requests`, `bytes`, ..."""
    kind: str
    """Kind of window."""
    amount: int
    """What it allows: a number, bytes, or milliseconds of query time."""
    window_seconds: float
    used: int
    remaining: int
    reset_seconds: float
    """Until it is empty if nothing more arrives."""


class Windows(msgspec.Struct, frozen=True):
    """All windows that match."""

    windows: list[WindowState]


class LimitsResource:
    """Serves the usage of all windows that hold anything."""

    name = "limits"
    path = "/_mockwb/limits"

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.operations = [
            Operation(
                "GET",
                "How full the windows of every key seen lately are",
                self.get,
                Windows,
                parameters=(
                    Parameter("scope", "the scope of the windows", choices=SCOPE_NAMES),
                    Parameter("key", "what the windows belong to, as a glob"),
                ),
            )
        ]

    async def get(self, call: Call) -> Windows:
        """Their usage now."""
        usages = self._limiter.usage(call.one("scope"), call.one("key"))
        return Windows(
            [
                WindowState(
                    scope=usage.scope,
                    key=usage.key,
                    limit=usage.limit,
                    kind=usage.kind,
                    amount=usage.amount,
                    window_seconds=usage.window,
                    used=usage.used,
                    remaining=usage.remaining,
                    reset_seconds=usage.reset,
                )
                for usage in usages
            ]
        )
