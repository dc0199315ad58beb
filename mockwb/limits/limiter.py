"""Decides for each request whether it may pass: all windows that apply, all or nothing.

`gate` asks it once per request; simulations ask it directly.
"""

import math
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from mockwb.clock import Clock
from mockwb.limits.decision import SCALE, Decision
from mockwb.limits.rolling_window import RollingWindow
from mockwb.limits.rules import LimitRules
from mockwb.limits.scopes import SCOPES, KeyOf, Rate, Scope
from mockwb.target import Caller, Cost, Surface, Target, WindowUsage

_SWEEP_EVERY = 1024
"""Requests between two looks for idle keys, at least."""


class _Quota:
    """One window in force for one key."""

    __slots__ = ("allowance", "cost", "key", "scope", "window")

    def __init__(self, scope: Scope, key: str, rate: Rate, limit: int) -> None:
        self.scope = scope
        self.key = key
        self.cost = scope.cost
        self.allowance = str(rate)
        self.window = RollingWindow(limit, rate.window)


class _Group:
    """The scopes of one surface that belong to the same key: one look-up finds all windows."""

    __slots__ = ("key", "quotas", "scopes")

    def __init__(self, key: KeyOf, scopes: list[Scope]) -> None:
        self.key = key
        self.scopes = scopes
        self.quotas: dict[str, list[_Quota]] = {}


class Limiter:
    """All quotas of one server."""

    def __init__(self, rules: LimitRules, clock: Clock) -> None:
        """Enforce `rules`; windows start empty."""
        self._rules = rules
        self._clock = clock
        self._groups = {surface: self._grouped(surface) for surface in Surface}
        self._until_sweep = _SWEEP_EVERY

    def admit(self, target: Target, caller: Caller, cost: Cost) -> Decision | None:
        """Decide, and charge every window that applies if all of them agree.

        A refused request charges nothing. None means that no limit applies.
        """
        groups = self._groups[target.surface]
        if not groups:
            return None
        now = self._clock.now()
        quotas = self._applicable(groups, target, caller)
        for quota in quotas:
            if not quota.window.admits(now, cost[quota.cost]) and not self._alone(quota, cost):
                return self._refuse(quotas, cost, now)
        for quota in quotas:
            quota.window.charge(now, cost[quota.cost])
        return self._admit(quotas, cost, now) if quotas else None

    def usage(self) -> Iterator[WindowUsage]:
        """How full every window in use is now."""
        now = self._clock.now()
        for quota in [
            q for group in self._all_groups() for qs in group.quotas.values() for q in qs
        ]:
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

    def _grouped(self, surface: Surface) -> list[_Group]:
        """The limited scopes of a surface, by what their quotas belong to."""
        by_key: dict[KeyOf, list[Scope]] = {}
        for scope in SCOPES:
            if scope.surface is surface and self._any_limit(scope):
                by_key.setdefault(scope.key, []).append(scope)
        return [_Group(key, scopes) for key, scopes in by_key.items()]

    def _any_limit(self, scope: Scope) -> bool:
        rates = [scope.general(self._rules)]
        rates += [scope.override(override) for override in self._rules.overrides]
        return any(rate is not None and rate.amount is not None for rate in rates)

    def _all_groups(self) -> Iterator[_Group]:
        for groups in self._groups.values():
            yield from groups

    def _applicable(self, groups: list[_Group], target: Target, caller: Caller) -> Sequence[_Quota]:
        """The quotas of this request; made when a key is first seen."""
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._drop_idle()
        found: list[_Quota] = []
        for group in groups:
            key = group.key(target, caller)
            if key is None:
                continue
            quotas = group.quotas.get(key)
            if quotas is None:
                made = [self._make(scope, key) for scope in group.scopes]
                quotas = group.quotas[key] = [quota for quota in made if quota is not None]
            found = found + quotas if found else quotas
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

    def _alone(self, quota: _Quota, cost: Cost) -> bool:
        """Larger than a whole limit, but alone, so that nothing is stuck for ever."""
        window = quota.window
        oversize = cost[quota.cost] > window.limit > 0
        return oversize and window.used == 0 and self._rules.oversize == "admit"

    def _refuse(self, quotas: Sequence[_Quota], cost: Cost, now: float) -> Decision:
        refusing = [
            quota
            for quota in quotas
            if not quota.window.admits(now, cost[quota.cost]) and not self._alone(quota, cost)
        ]
        quota = refusing[0]
        if len(refusing) > 1:
            quota = max(refusing, key=lambda q: q.window.passes_at(now, cost[q.cost]))
        window, rules, amount = quota.window, self._rules, cost[quota.cost]
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

    def _admit(self, quotas: Sequence[_Quota], cost: Cost, now: float) -> Decision:
        tightest = quotas[0]
        remaining = _scaled(tightest.window)
        for quota in quotas[1:]:
            other = _scaled(quota.window)
            if other < remaining:
                tightest, remaining = quota, other
        rules = self._rules
        return Decision(
            True,
            tightest.scope.name,
            tightest.scope.limit,
            tightest.allowance,
            max(rules.remaining_floor, remaining),
            self._reset(rules.reset, tightest.window, cost[tightest.cost], now),
        )

    def _retry_after(self, window: RollingWindow, amount: int, now: float) -> int | None:
        retry = self._rules.retry_after
        if retry.mode == "off":
            return None
        if retry.mode == "fixed":
            return max(1, math.ceil(retry.seconds))
        until = "next" if retry.mode == "next" else self._rules.reset
        return self._reset(until, window, amount, now)

    def _reset(self, until: str, window: RollingWindow, amount: int, now: float) -> int:
        if until == "empty":
            return _whole_seconds(now, window.empty_at(now))
        return _whole_seconds(now, window.passes_at(now, amount))

    def _drop_idle(self) -> None:
        """Forget the keys whose windows are empty; a fresh start is the same to them."""
        now = self._clock.now()
        kept = 0
        for group in self._all_groups():
            for key, quotas in list(group.quotas.items()):
                for quota in quotas:
                    quota.window.expire(now)
                if any(quota.window.used for quota in quotas):
                    kept += 1
                else:
                    del group.quotas[key]
        # As many requests as keys pass until the next look, so it costs O(1) for each.
        self._until_sweep = max(_SWEEP_EVERY, kept)


def _whole_seconds(now: float, then: float) -> int:
    """The fewest whole seconds, at least 1, after which it is `then`, as the clock will have it."""
    seconds = math.ceil(then - now) - 1  # the difference may be rounded either way
    while now + seconds < then:
        seconds += 1
    return max(1, seconds)


def _scaled(window: RollingWindow) -> int:
    """What is left on the scale 0..1000; 0 only when nothing is left."""
    left = window.limit - window.used
    return max(1, SCALE * left // window.limit) if left > 0 else 0
