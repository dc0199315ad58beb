"""The limits in force, and every way to change them while the server runs.

The resources of this room call it. A change is decoded as configuration is, and applied only if
all of it is right; what counts in the windows carries over.
"""

import logging
from typing import Any

import msgspec

from mockwb.config.limits_part import LimitsPart
from mockwb.config.load import plan_limits
from mockwb.config.plain import plain
from mockwb.control.changes import changes
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules

_log = logging.getLogger(__name__)


class LiveLimits:
    """Owns what is configured now: a plan's name, and the rules that the limiter enforces."""

    def __init__(self, limiter: Limiter, plan: str) -> None:
        """Start with what `limiter` enforces, which `plan` gave."""
        self.limiter = limiter
        self.plan = plan
        """Name of the plan that was taken last; single limits may have changed since."""

    @property
    def rules(self) -> LimitRules:
        """What is enforced now."""
        return self.limiter.rules

    def merge(self, part: dict[str, Any], origin: str) -> None:
        """Put part of a `limits` section, known to be right, over what is in force."""
        self.replace(LimitsPart(part).over(self.rules), origin)

    def take_plan(self, name: str, rules: LimitRules | None, origin: str) -> None:
        """Enforce `rules` under that name, or those of the plan; FileError if there is none."""
        rules = plan_limits(name) if rules is None else rules
        _log.info("plan %r -> %r, by %s", self.plan, name, origin)
        self.plan = name
        self.replace(rules, origin)

    def put_override(self, scope: str, override: Any, origin: str) -> None:
        """Replace the override with the same `match` in place, or put it before all others."""
        overrides = list(getattr(self.rules, scope).overrides)
        for index, known in enumerate(overrides):
            if known.match == override.match:
                overrides[index] = override
                break
        else:
            overrides.insert(0, override)
        self._put_overrides(scope, overrides, origin)

    def remove_override(self, scope: str, match: str, origin: str) -> bool:
        """Drop the override with that `match`; False if there is none."""
        overrides = getattr(self.rules, scope).overrides
        kept = [override for override in overrides if override.match != match]
        if len(kept) == len(overrides):
            return False
        self._put_overrides(scope, kept, origin)
        return True

    def replace(self, rules: LimitRules, origin: str) -> None:
        """Enforce `rules` from the next request on."""
        what = "; ".join(changes(plain(self.rules), plain(rules)))
        self.limiter.replace(rules)
        _log.info("limits changed: %s, by %s", what or "nothing", origin)

    def _put_overrides(self, scope: str, overrides: list[Any], origin: str) -> None:
        section = msgspec.structs.replace(getattr(self.rules, scope), overrides=overrides)
        self.replace(msgspec.structs.replace(self.rules, **{scope: section}), origin)
