"""Decides for each request whether it may pass: all windows that apply, all or nothing.

`gate` asks it once per request; simulations ask it directly.
"""

import math
from collections.abc import Iterator
from fnmatch import fnmatchcase

from mockwb.clock import Clock
from mockwb.limits.decision import SCALE, Decision
from mockwb.limits.rolling_window import RollingWindow
from mockwb.limits.rules import LimitRules
from mockwb.limits.scopes import SCOPES, Rate, Scope
from mockwb.target import Caller, Cost, Surface, Target, WindowUsage

_SWEEP_EVERY = 1024
"""Requests between two looks for idle keys, at least."""


class _Quota:
    """One window in force for one key."""

    __slots__ = ("allowance", "key", "scope", "window")

    def __init__(self, scope: Scope, key: str, rate: Rate, limit: int) -> None:
        self.scope = scope
        self.key = key
        self.allowance = str(rate)
        self.window = RollingWindow(limit, rate.window)


class Limiter:
    """All quotas of one server."""

    def __init__(self, rules: LimitRules, clock: Clock) -> None:
        """Enforce `rules`; windows start empty."""
        self._rules = rules
        self._clock = clock
        self._scopes = {
            surface: [s for s in SCOPES if s.surface is surface and self._any_limit(s)]
            for surface in Surface
        }
        self._quotas: dict[Scope, dict[str, _Quota | None]] = {scope: {} for scope in SCOPES}
        """By key; None where no limit applies to it."""
        self._until_sweep = _SWEEP_EVERY

    def admit(self, target: Target, caller: Caller, cost: Cost) -> Decision | None:
        """Decide, and charge every window that applies if all of them agree.

        A refused request charges nothing. None means that no limit applies.
        """
        scopes = self._scopes[target.surface]
        if not scopes:
            return None
        now = self._clock.now()
        asked = self._applicable(scopes, target, caller, cost)
        refusing = [
            (quota, amount) for quota, amount in asked if not self._passes(quota, amount, now)
        ]
        if refusing:
            return self._refuse(refusing, now)
        for quota, amount in asked:
            quota.window.charge(now, amount)
        return self._admit(asked, now) if asked else None

    def usage(self) -> Iterator[WindowUsage]:
        """How full every window in use is now."""
        now = self._clock.now()
        for quota in [q for quotas in self._quotas.values() for q in quotas.values() if q]:
            window = quota.window
            window.expire(now)
            yield WindowUsage(
                scope=quota.scope.name,
                key=quota.key,
                limit=quota.scope.limit,
                amount=window.limit,
                window=window.length,
                used=window.used,
            )

    def _any_limit(self, scope: Scope) -> bool:
        rates = [scope.general(self._rules)]
        rates += [scope.override(override) for override in self._rules.overrides]
        return any(rate is not None and rate.amount is not None for rate in rates)

    def _applicable(
        self, scopes: list[Scope], target: Target, caller: Caller, cost: Cost
    ) -> list[tuple[_Quota, int]]:
        """The quotas of this request, each with what it would be charged."""
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._drop_idle()
        found = []
        for scope in scopes:
            key = scope.key(target, caller)
            if key is None:
                continue
            quotas = self._quotas[scope]
            try:
                quota = quotas[key]
            except KeyError:
                quota = quotas[key] = self._make(scope, key)
            if quota is not None:
                found.append((quota, scope.cost(cost)))
        return found

    def _make(self, scope: Scope, key: str) -> _Quota | None:
        rate = scope.general(self._rules)
        for override in self._rules.overrides:
            if fnmatchcase(key, override.match):
                other = scope.override(override)
                rate = rate if other is None else other
                break
        if rate is None or rate.amount is None:
            return None
        return _Quota(scope, key, rate, rate.amount)

    def _passes(self, quota: _Quota, amount: int, now: float) -> bool:
        window = quota.window
        if window.admits(now, amount):
            return True
        # Larger than the whole limit: alone in an empty window, so that nothing is stuck for ever.
        alone = amount > window.limit > 0 and window.used == 0
        return alone and self._rules.oversize == "admit"

    def _refuse(self, refusing: list[tuple[_Quota, int]], now: float) -> Decision:
        quota, amount = refusing[0]
        if len(refusing) > 1:
            quota, amount = max(refusing, key=lambda r: r[0].window.passes_in(now, r[1]))
        window, rules = quota.window, self._rules
        return Decision(
            admitted=False,
            scope=quota.scope.name,
            limit=quota.scope.limit,
            allowance=quota.allowance,
            remaining=rules.remaining_floor,
            reset=self._reset(rules.reset, window, amount, now),
            retry_after=self._retry_after(window, amount, now),
            too_large=rules.oversize == "reject" and amount > window.limit > 0,
        )

    def _admit(self, charged: list[tuple[_Quota, int]], now: float) -> Decision:
        quota, amount = charged[0]
        for other in charged[1:]:
            if _share_left(other[0].window) < _share_left(quota.window):
                quota, amount = other
        return Decision(
            admitted=True,
            scope=quota.scope.name,
            limit=quota.scope.limit,
            allowance=quota.allowance,
            remaining=max(self._rules.remaining_floor, _scaled(quota.window)),
            reset=self._reset(self._rules.reset, quota.window, amount, now),
        )

    def _retry_after(self, window: RollingWindow, amount: int, now: float) -> int | None:
        retry = self._rules.retry_after
        if retry.mode == "off":
            return None
        if retry.mode == "fixed":
            return _whole(retry.seconds)
        until = "next" if retry.mode == "next" else self._rules.reset
        return self._reset(until, window, amount, now)

    def _reset(self, until: str, window: RollingWindow, amount: int, now: float) -> int:
        if until == "empty":
            return _whole(window.empty_in(now))
        return _whole(window.passes_in(now, amount))

    def _drop_idle(self) -> None:
        """Forget the keys whose windows are empty; a fresh start is the same to them."""
        now = self._clock.now()
        for quotas in self._quotas.values():
            for key, quota in list(quotas.items()):
                if quota is not None:
                    quota.window.expire(now)
                if quota is None or not quota.window.used:
                    del quotas[key]
        # As many requests as keys pass until the next look, so it costs O(1) for each.
        self._until_sweep = max(_SWEEP_EVERY, sum(map(len, self._quotas.values())))


def _whole(seconds: float) -> int:
    """Whole seconds, rounded up (but not for the noise of binary fractions), at least 1."""
    return max(1, math.ceil(seconds - 1e-9))


def _share_left(window: RollingWindow) -> float:
    return (window.limit - window.used) / window.limit if window.limit else 0.0


def _scaled(window: RollingWindow) -> int:
    """What is left on the scale 0..1000; 0 only when nothing is left."""
    left = window.limit - window.used
    return max(1, SCALE * left // window.limit) if left > 0 else 0
