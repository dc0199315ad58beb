"""Events `freeze` and `thaw`: the server refuses everything for a while, without limits' doing."""

from typing import Annotated

import msgspec

from mockwb.scenario.timeline.event import Event
from mockwb.units import Duration


class Freeze(Event, frozen=True, kw_only=True, tag="freeze"):
    """Refuse every request that limits could apply to."""

    duration: Duration | None = msgspec.field(default=None, name="for")
    """How long; without it, until `thaw`."""
    reset: Annotated[int, msgspec.Meta(ge=1, le=86400)] | None = None
    """RateLimit-Reset of a freeze without an end, in seconds."""

    @property
    def text(self) -> str:
        """For how long."""
        return "frozen" if self.duration is None else f"frozen for {self.duration}"


class Thaw(Event, frozen=True, kw_only=True, tag="thaw"):
    """End a freeze; nothing happens if there is none."""

    @property
    def text(self) -> str:
        """That it is over."""
        return "thawed"
