"""`/_mockwb/limits/rules`: the limits in force, as configuration writes them, read and changed."""

from typing import Any

import msgspec

from mockwb.config.plain import plain
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resource import Call, Operation
from mockwb.limits.rules import LimitRules


class RulesInForce(msgspec.Struct, frozen=True):
    """What is enforced now."""

    plan: str
    """The plan that was taken last."""
    limits: LimitRules
    """The `limits` section of the configuration."""


class LimitRulesResource:
    """Serves the whole `limits` section."""

    name = "limit rules"
    path = "/_mockwb/limits/rules"

    def __init__(self, live: LiveLimits) -> None:
        self._live = live
        self.operations = [
            Operation("GET", "The limits in force", self.get, RulesInForce),
            Operation(
                "PATCH",
                "Change some limits: merged key by key, lists and single values replaced",
                self.patch,
                RulesInForce,
                body=LimitRules,
            ),
            Operation(
                "PUT",
                "Replace all limits; what the body leaves out gets its default",
                self.put,
                RulesInForce,
                body=LimitRules,
            ),
        ]

    async def get(self, _: Call) -> object:
        """Plan and limits, such that `limits` can be sent back."""
        return rules_in_force(self._live)

    async def patch(self, call: Call) -> object:
        """Merge the body into what is in force."""
        self._live.merge(call.data, call.origin)
        return rules_in_force(self._live)

    async def put(self, call: Call) -> object:
        """Enforce the body and nothing else."""
        self._live.replace(call.body, call.origin)
        return rules_in_force(self._live)


def rules_in_force(live: LiveLimits) -> Any:
    """`RulesInForce` as plain data."""
    return plain(RulesInForce(live.plan, live.rules))
