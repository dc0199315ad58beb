"""`PUT /_mockwb/limits/plan`: take the limits of another plan."""

from typing import Annotated

import msgspec

from mockwb.control.answers import RefusedCallError
from mockwb.control.limit_rules import RulesInForce, rules_in_force
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resource import Call, Operation
from mockwb.limits.rules import LimitRules
from mockwb.yaml_file import FileError


class PlanChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan that comes with mockwb, or limits of one's own under a name of one's own."""

    plan: Annotated[str, msgspec.Meta(min_length=1)]
    limits: LimitRules | None = None
    """None takes those of the plan."""


class LimitPlanResource:
    """Switches plans."""

    name = "limit plan"
    path = "/_mockwb/limits/plan"

    def __init__(self, live: LiveLimits) -> None:
        self._live = live
        self.operations = [
            Operation(
                "PUT",
                "Take the limits of a plan that comes with mockwb, or those given, under that name",
                self.put,
                RulesInForce,
                body=PlanChange,
                errors={404: "No plan of that name comes with mockwb, and no limits are given"},
            )
        ]

    async def put(self, call: Call) -> object:
        """What is enforced afterwards."""
        change: PlanChange = call.body
        try:
            self._live.take_plan(change.plan, change.limits, call.origin)
        except FileError as error:
            raise RefusedCallError(404, f"body: {error}") from error
        return rules_in_force(self._live)
