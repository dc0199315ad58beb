"""A server whose clock is wrong."""

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.units import Duration


class ClockSkew(FaultKind, frozen=True, kw_only=True, tag="clock_skew"):
    """Date headers are off, and so are the dates in answers of GraphQL, such as `createdAt`."""

    ahead: Duration = Duration(0)
    behind: Duration = Duration(0)

    def effect(self, strike: Strike) -> Effect:
        """The difference."""
        return Effect(date_skew=self.ahead - self.behind)
