"""Silence, until the client's own timeout."""

from mockwb.faults.effect import Effect, Stall
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.units import Duration


class Silence(FaultKind, frozen=True, kw_only=True, tag="stall"):
    """Take the request, and never answer it."""

    time: Duration = Duration(600)
    """After so long the connection is closed, if the client has not done it."""
    handled: bool = False
    """Whether the request is handled, and only its answer kept back."""

    def effect(self, strike: Strike) -> Effect:
        """The silence."""
        return Effect(stall=Stall(self.time, self.handled))
