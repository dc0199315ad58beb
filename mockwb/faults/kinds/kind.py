"""What every kind of fault is: settings, and the effect that they have on a request."""

from typing import ClassVar

import msgspec

from mockwb.faults.effect import Effect
from mockwb.faults.subject import Strike
from mockwb.target import Surface

EVERYWHERE = frozenset({Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE})


class FaultKind(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """Base of all kinds."""

    surfaces: ClassVar[frozenset[Surface]] = EVERYWHERE
    """The requests that it can befall."""

    def effect(self, strike: Strike) -> Effect:
        """What it does to one request; random choices come from `strike` alone."""
        raise NotImplementedError
