"""Answers with damaged bytes."""

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.match import Number
from mockwb.faults.subject import Strike


class Corrupt(FaultKind, frozen=True, kw_only=True, tag="corrupt"):
    """Damage the answer's body; its length stays."""

    one_in: Number = 1000
    """One of so many bytes is damaged, and at least one; JSON is not valid afterwards."""

    def effect(self, strike: Strike) -> Effect:
        """The damage."""
        return Effect(corrupt_every=self.one_in, corrupt_seed=strike.key)
