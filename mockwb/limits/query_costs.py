"""What a GraphQL request costs a project's query-time budget: modelled, so that it is reproducible.

No figure is published: W&B's page says only that some SDK requests are limited by database query
time. The table is a model, made to be overridden (`limits.query_costs` in the configuration).
"""

import math
from typing import Literal

import msgspec

from mockwb.units import Duration


class OperationCost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time of one request."""

    base: Duration = Duration(0.005)
    """Charged before the request runs."""
    per_item: Duration = Duration(0.0002)
    """Charged afterwards for each row or item that the answer lists."""


_MODEL: dict[str, OperationCost] = {}
"""Operation -> cost, where it differs from the default."""


class QueryCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How query time is reckoned."""

    time: Literal["modelled", "measured"] = "modelled"
    """By the table, or as long as the server really took."""
    default: OperationCost = OperationCost()
    operations: dict[str, OperationCost] = {}
    """GraphQL operation name -> cost, over the built-in table."""

    def before(self, operation: str | None) -> int:
        """Whole milliseconds, at least 1, to charge before the request runs."""
        if self.time == "measured":
            return 1
        return max(1, math.ceil(self._cost(operation).base * 1000))

    def after(self, operation: str | None, items: int, seconds: float) -> int:
        """Whole milliseconds to charge on top once it returned `items` after `seconds`."""
        if self.time == "measured":
            return max(0, math.ceil(seconds * 1000) - 1)
        cost = self._cost(operation)
        whole = math.ceil((cost.base + cost.per_item * items) * 1000)
        return max(0, whole - self.before(operation))

    def _cost(self, operation: str | None) -> OperationCost:
        name = operation or ""
        return self.operations.get(name) or _MODEL.get(name) or self.default
