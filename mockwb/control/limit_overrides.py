"""`/_mockwb/limits/overrides`: other limits for some keys of a scope, one override at a time."""

from mockwb.config.plain import plain
from mockwb.control.answers import RefusedCallError
from mockwb.control.limit_rules import RulesInForce, rules_in_force
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resource import Call, Operation, Parameter
from mockwb.limits.rules import ProjectOverride, RequestOverride
from mockwb.limits.scopes import SCOPE_NAMES
from mockwb.yaml_file import convert


class OverrideOfProject(ProjectOverride, frozen=True, tag_field="scope", tag="project"):
    """Other limits for some projects."""


class OverrideOfRun(RequestOverride, frozen=True, tag_field="scope", tag="run"):
    """Other limits for some runs."""


class OverrideOfUser(RequestOverride, frozen=True, tag_field="scope", tag="user"):
    """Other limits for some users."""


class OverrideOfIp(RequestOverride, frozen=True, tag_field="scope", tag="ip"):
    """Other limits for some addresses."""


ScopedOverride = OverrideOfProject | OverrideOfRun | OverrideOfUser | OverrideOfIp


class LimitOverridesResource:
    """Adds, replaces and removes overrides."""

    name = "limit overrides"
    path = "/_mockwb/limits/overrides"

    def __init__(self, live: LiveLimits) -> None:
        self._live = live
        self.operations = [
            Operation(
                "PUT",
                "Replace the override with that match in place, or add it before all others",
                self.put,
                RulesInForce,
                body=ScopedOverride,
            ),
            Operation(
                "DELETE",
                "Remove an override",
                self.delete,
                RulesInForce,
                parameters=(
                    Parameter("scope", "the scope", required=True, choices=SCOPE_NAMES),
                    Parameter("match", "the glob of the override, as it stands", required=True),
                ),
                errors={404: "There is no such override"},
            ),
        ]

    async def put(self, call: Call) -> object:
        """What is enforced afterwards."""
        scoped: ScopedOverride = call.body
        settings = plain(scoped)
        scope = settings.pop("scope")
        kind = ProjectOverride if isinstance(scoped, ProjectOverride) else RequestOverride
        self._live.put_override(scope, convert(settings, kind), call.origin)
        return rules_in_force(self._live)

    async def delete(self, call: Call) -> object:
        """What is enforced afterwards."""
        (scope,), (match,) = call.every("scope"), call.every("match")
        if not self._live.remove_override(scope, match, call.origin):
            raise RefusedCallError(404, f"scope {scope} has no override with match {match!r}")
        return rules_in_force(self._live)
