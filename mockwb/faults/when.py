"""When a rule strikes the requests that it matches. Everything that is given has to hold."""

from typing import Annotated, Literal

import msgspec

from mockwb.faults.match import Number
from mockwb.units import Duration


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nothing given strikes every request that matches."""

    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    """Share of requests. The same requests of a run are struck whenever the seed is the same."""
    first: Number | None = None
    """Only so many requests from the first that matches on."""
    every_nth: Number = 1
    """Only each Nth request that matches."""
    per: Literal["rule", "run"] = "rule"
    """Whether numbers count all requests that match, or those of each run by themselves."""
    after: Duration = Duration(0)
    """Only so long after the rule was added."""
    duration: Duration | None = msgspec.field(default=None, name="for")
    """Only for so long from then on; None has no end."""
    every: Duration | None = None
    """Again each time that so much has passed; None strikes for one stretch only."""

    def on(self, age: float) -> bool:
        """Whether the schedule allows it, `age` seconds after the rule was added."""
        since = age - self.after
        if since < 0:
            return False
        if self.every:
            since %= self.every
        return self.duration is None or since < self.duration

    def strikes(self, ordinal: int) -> bool:
        """Whether the `ordinal`-th request (from 1) that matches is struck, chance aside."""
        return (self.first is None or ordinal <= self.first) and ordinal % self.every_nth == 0
