"""Answers that break off."""

from typing import Annotated

import msgspec

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike


class Truncate(FaultKind, frozen=True, kw_only=True, tag="truncate"):
    """Send the head and part of the body, and close the connection."""

    keep: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.5
    """Share of the body that is sent; at most all but the last byte."""

    def effect(self, strike: Strike) -> Effect:
        """The break."""
        return Effect(keep=self.keep)
