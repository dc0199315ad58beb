"""`POST /_mockwb/limits/reset`: empty windows, as if nothing had been charged to them."""

import logging
from typing import Literal

import msgspec

from mockwb.control.resource import Call, Operation
from mockwb.limits.limiter import Limiter

_log = logging.getLogger(__name__)


class WindowChoice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which windows."""

    scope: Literal["project", "run", "user", "ip"] | None = None
    """None chooses those of every scope."""
    key: str | None = None
    """Glob over keys; None chooses those of every key."""


class EmptiedWindows(msgspec.Struct, frozen=True):
    """What came of it."""

    windows: int
    """How many were emptied."""


class LimitResetResource:
    """Empties windows."""

    name = "limit reset"
    path = "/_mockwb/limits/reset"

    def __init__(self, limiter: Limiter) -> None:
        self._limiter = limiter
        self.operations = [
            Operation("POST", "Empty windows", self.post, EmptiedWindows, body=WindowChoice)
        ]

    async def post(self, call: Call) -> EmptiedWindows:
        """How many windows there were to empty."""
        choice: WindowChoice = call.body
        count = self._limiter.reset(choice.scope, choice.key)
        what = f"scope {choice.scope or 'any'}, key {choice.key!r}"
        _log.info("windows reset: %d of %s, by %s", count, what, call.origin)
        return EmptiedWindows(count)
