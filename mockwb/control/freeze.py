"""`/_mockwb/freeze`: refuse every request that limits could apply to, for a while."""

import logging
from collections.abc import Callable
from typing import Annotated

import msgspec

from mockwb.control.resource import Call, Operation
from mockwb.limits.limiter import Limiter
from mockwb.units import Duration, format_duration

_log = logging.getLogger(__name__)


class FreezeOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long, and what refusals say meanwhile."""

    seconds: Duration | None = None
    """None lasts until it is released."""
    reset: Annotated[int, msgspec.Meta(ge=1, le=86400)] | None = None
    """RateLimit-Reset of a freeze without an end."""


class FreezeState(msgspec.Struct, frozen=True):
    """Whether the server is frozen."""

    frozen: bool
    seconds_left: float | None
    """None without an end."""


class FreezeResource:
    """Freezes and releases."""

    name = "freeze"
    path = "/_mockwb/freeze"

    def __init__(self, limiter: Limiter, now: Callable[[], float]) -> None:
        """Freeze `limiter`, whose clock `now` reads."""
        self._limiter = limiter
        self._now = now
        self.operations = [
            Operation("GET", "Whether the server is frozen", self.get, FreezeState),
            Operation(
                "PUT",
                "Refuse everything from now on, for so long or until released",
                self.put,
                FreezeState,
                body=FreezeOrder,
            ),
            Operation("DELETE", "Release a freeze", self.delete, FreezeState),
        ]

    async def get(self, _: Call) -> FreezeState:
        """Frozen or not, and how long still."""
        freeze = self._limiter.freeze
        if freeze is None:
            return FreezeState(False, None)
        left = None if freeze.until is None else max(0.0, freeze.until - self._now())
        return FreezeState(True, left)

    async def put(self, call: Call) -> FreezeState:
        """A new freeze takes the place of one before it."""
        order: FreezeOrder = call.body
        self._limiter.start_freeze(order.seconds, order.reset)
        how_long = "" if order.seconds is None else f" for {format_duration(order.seconds)}"
        _log.info("frozen%s, by %s", how_long, call.origin)
        return await self.get(call)

    async def delete(self, call: Call) -> FreezeState:
        """All the same if there was none."""
        self._limiter.release()
        _log.info("released, by %s", call.origin)
        return await self.get(call)
