"""GraphQL's own way to fail: status 200, `errors`, and no data."""

from typing import ClassVar

import msgspec

from mockwb.faults.effect import Answer, Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.target import Surface


class GraphQLErrors(FaultKind, frozen=True, kw_only=True, tag="graphql_error"):
    """Answer GraphQL with 200 and errors."""

    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.GRAPHQL})

    message: str = "internal server error"
    handled: bool = False
    """Whether the operation runs, and only its answer is lost."""

    def effect(self, strike: Strike) -> Effect:
        """The answer."""
        body = {"data": None, "errors": [{"message": self.message}]}
        return Effect(answer=Answer(200, msgspec.json.encode(body), handled=self.handled))
