"""Decides for each request whether it may pass: all windows that apply, all or nothing.

`gate` asks it once per request, `control` changes it while it serves; simulations ask it directly.
"""

import math
from collections.abc import Iterator, Sequence

from mockwb.clock import Clock
from mockwb.limits.decision import SCALE, Decision
from mockwb.limits.freeze import FREEZE, Freeze
from mockwb.limits.quotas import Quota, Quotas
from mockwb.limits.retry_after import RetryAfter
from mockwb.limits.rules import LimitRules
from mockwb.limits.windows.window import Window
from mockwb.target import Caller, Cost, Surface, Target, WindowUsage

_FREEZABLE = frozenset({Surface.FILE_STREAM, Surface.GRAPHQL, Surface.STORAGE})


class Limiter:
    """All quotas of one server."""

    def __init__(self, rules: LimitRules, clock: Clock) -> None:
        """Enforce `rules`; windows start empty."""
        self._rules = rules
        self._clock = clock
        self._quotas = Quotas(rules)
        self._freeze: Freeze | None = None

    @property
    def rules(self) -> LimitRules:
        """What is enforced now."""
        return self._rules

    def replace(self, rules: LimitRules) -> None:
        """Enforce `rules` from the next request on; what counts in the windows carries over."""
        quotas = Quotas(rules)
        quotas.succeed(self._quotas, self._clock.now())
        self._rules, self._quotas = rules, quotas

    def admit(self, target: Target, caller: Caller, cost: Cost) -> Decision | None:
        """Decide, and charge every window that applies if all of them agree.

        A refused request charges nothing, unless the rules count refused ones. None means that no
        limit applies.
        """
        surface = target.surface
        if self._freeze is not None and surface in _FREEZABLE:
            frozen = self._frozen()
            if frozen is not None:
                return frozen
        if not self._quotas.limits(surface):
            return None
        now = self._clock.now()
        quotas = self._quotas.of(target, caller, now)
        for quota in quotas:
            amount = cost[quota.cost]
            if amount and not quota.window.fits(now, amount) and not self._alone(quota, amount):
                return self._refuse(surface, quotas, cost, now)
        return self._admit(quotas, cost, now)

    def charge(self, target: Target, caller: Caller, cost: Cost) -> Decision | None:
        """Charge what an admitted request turned out to cost on top, room or not.

        What the headers say afterwards of the windows that were charged; None if there are none.
        """
        if not self._quotas.limits(target.surface):
            return None
        now = self._clock.now()
        return self._admit(self._quotas.of(target, caller, now), cost, now)

    def usage(self, scope: str | None = None, key: str | None = None) -> Iterator[WindowUsage]:
        """How full every window in use is now, of a scope's name and a glob over its keys."""
        now = self._clock.now()
        for quota in self._quotas.matching(scope, key):
            window = quota.window
            window.expire(now)
            yield WindowUsage(
                scope=quota.scope.name,
                key=quota.key,
                limit=quota.scope.limit,
                amount=window.limit,
                window=window.length,
                used=window.used,
                kind=quota.kind,
                reset=window.empty_at(now) - now,
            )

    def reset(self, scope: str | None = None, key: str | None = None) -> int:
        """Empty the windows of a scope's name and a glob over its keys; how many there were."""
        count = 0
        for quota in self._quotas.matching(scope, key):
            quota.window.clear()
            count += 1
        return count

    @property
    def freeze(self) -> Freeze | None:
        """The freeze in force."""
        if self._freeze is not None and self._freeze.over(self._clock.now()):
            self._freeze = None
        return self._freeze

    def start_freeze(self, seconds: float | None = None, reset: int | None = None) -> None:
        """Refuse everything for so many seconds, or until `release`."""
        until = None if seconds is None else self._clock.now() + seconds
        self._freeze = Freeze(until=until) if reset is None else Freeze(until=until, reset=reset)

    def release(self) -> None:
        """End a freeze."""
        self._freeze = None

    def _frozen(self) -> Decision | None:
        freeze = self.freeze
        if freeze is None:
            return None
        now = self._clock.now()
        reset = freeze.reset if freeze.until is None else whole_seconds(now, freeze.until)
        scope, limit = FREEZE
        floor = self._rules.remaining_floor
        return Decision(False, scope, limit, "frozen", "", floor, reset, retry_after=reset)

    def _alone(self, quota: Quota, amount: int) -> bool:
        """Larger than a whole limit, but alone, so that nothing is stuck for ever."""
        window = quota.window
        oversize = amount > window.limit > 0
        return oversize and window.used == 0 and self._rules.oversize == "admit"

    def _charge(self, quotas: Sequence[Quota], cost: Cost, now: float) -> None:
        for quota in quotas:
            amount = cost[quota.cost]
            if amount:
                quota.window.charge(now, amount)

    def _refuse(
        self, surface: Surface, quotas: Sequence[Quota], cost: Cost, now: float
    ) -> Decision:
        refusing = [
            quota
            for quota in quotas
            if (amount := cost[quota.cost])
            and not quota.window.fits(now, amount)
            and not self._alone(quota, amount)
        ]
        rules = self._rules
        if rules.count_refused:
            self._charge(quotas, cost, now)
        quota = refusing[0]
        if len(refusing) > 1:
            quota = max(refusing, key=lambda q: q.window.passes_at(now, cost[q.cost]))
        window, amount = quota.window, cost[quota.cost]
        retry_after = rules.graphql_retry_after if surface is Surface.GRAPHQL else rules.retry_after
        return Decision(
            admitted=False,
            scope=quota.scope.name,
            limit=quota.scope.limit,
            allowance=quota.allowance,
            key=quota.key,
            remaining=rules.remaining_floor,
            reset=_reset(rules.reset, window, amount, now),
            retry_after=self._retry_after(retry_after, window, amount, now),
            too_large=rules.oversize == "reject" and amount > window.limit > 0,
        )

    def _admit(self, quotas: Sequence[Quota], cost: Cost, now: float) -> Decision | None:
        tightest, lowest = None, SCALE + 1
        for quota in quotas:
            amount = cost[quota.cost]
            if not amount:
                continue
            window = quota.window
            window.charge(now, amount)
            limit = window.limit
            left = limit - window.used
            # 0 only when nothing is left.
            remaining = (SCALE * left // limit or 1) if left > 0 else 0
            if remaining < lowest:
                tightest, lowest = quota, remaining
        if tightest is None:
            return None
        rules = self._rules
        return Decision(
            True,
            tightest.scope.name,
            tightest.scope.limit,
            tightest.allowance,
            tightest.key,
            max(rules.remaining_floor, lowest),
            _reset(rules.reset, tightest.window, cost[tightest.cost], now),
        )

    def _retry_after(
        self, retry: RetryAfter, window: Window, amount: int, now: float
    ) -> int | None:
        if retry.mode == "off":
            return None
        if retry.mode == "fixed":
            return max(1, math.ceil(retry.seconds))
        until = "next" if retry.mode == "next" else self._rules.reset
        return _reset(until, window, amount, now)


def _reset(until: str, window: Window, amount: int, now: float) -> int:
    if until == "empty":
        return whole_seconds(now, window.empty_at(now))
    return whole_seconds(now, window.passes_at(now, amount))


def whole_seconds(now: float, then: float) -> int:
    """The fewest whole seconds, at least 1, after which it is `then`, as the clock will have it."""
    seconds = math.ceil(then - now) - 1  # the difference may be rounded either way
    while now + seconds < then:
        seconds += 1
    return max(1, seconds)
