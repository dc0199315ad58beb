"""Runs hear that somebody stopped them."""

from typing import ClassVar

from mockwb.faults.effect import Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.target import Surface


class Stopped(FaultKind, frozen=True, kw_only=True, tag="stopped"):
    """Say `stopped: true` in answers of file_stream and of GraphQL's `Run.stopped`."""

    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.FILE_STREAM, Surface.GRAPHQL})

    def effect(self, strike: Strike) -> Effect:
        """The word."""
        return Effect(stopped=True)
