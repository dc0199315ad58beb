"""A slow line, either way."""

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.units import Size


class Bandwidth(FaultKind, frozen=True, kw_only=True, tag="bandwidth"):
    """Bytes per second of bodies; each request has as much for itself."""

    up: Size = Size(0)
    """Request bodies; 0 is as fast as it goes."""
    down: Size = Size(0)
    """Bodies of answers; 0 is as fast as it goes."""

    def effect(self, strike: Strike) -> Effect:
        """The rates."""
        return Effect(bytes_in=self.up or None, bytes_out=self.down or None)
