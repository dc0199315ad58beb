"""The connection is reset under the client."""

from typing import Literal

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike


class Reset(FaultKind, frozen=True, kw_only=True, tag="reset"):
    """Reset the connection."""

    at: Literal["before", "during", "after"] = "before"
    """Before the body is read, with half of it read, or after: stored, but never answered.

    What a GraphQL request asks for is in its body, so there it has been read by then.
    """

    def effect(self, strike: Strike) -> Effect:
        """The reset."""
        return Effect(disconnect=self.at)
