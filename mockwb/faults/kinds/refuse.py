"""Nobody listens any more, for a while."""

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.units import Duration


class Refuse(FaultKind, frozen=True, kw_only=True, tag="refuse"):
    """Break all connections and refuse new ones, those to mockwb's own paths included."""

    time: Duration = Duration(5)
    """How long, from the request on that is struck."""

    def effect(self, strike: Strike) -> Effect:
        """The closed listener."""
        return Effect(refuse=self.time)
