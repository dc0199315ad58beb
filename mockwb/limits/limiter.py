"""Decides for each request whether it may pass: all windows that apply, all or nothing.

`gate` asks it once per request, `control` changes it while it serves; simulations ask it directly.
"""

from collections.abc import Iterator, Sequence

from mockwb.clock import Clock
from mockwb.limits.decision import SCALE, Decision
from mockwb.limits.freeze import FREEZE, Freeze
from mockwb.limits.quotas import Quota, Quotas
from mockwb.limits.rules import LimitRules
from mockwb.limits.windows.window import Window
from mockwb.target import Caller, Cost, Surface, Target, WindowUsage

_NEVER = float("inf")
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
        if len(quotas) == 1:  # often; one window need not wait for what others say
            quota = quotas[0]
            amount = cost[quota.cost]
            if amount:
                window = quota.window
                window.expire(now)
                if window.take(now, amount):
                    return self._admitted(quota, _remaining(window), amount, now)
                if amount <= window.limit and not self._rules.count_refused:
                    passes_at = window.passes_at(now, amount)
                    return self._refused(surface, quota, amount, passes_at, now)
        for quota in quotas:
            amount = cost[quota.cost]
            if amount and not quota.window.fits(now, amount) and not self._lets(quota, amount):
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

    def _agrees(self, quota: Quota, amount: int, now: float) -> bool:
        return quota.window.fits(now, amount) or self._lets(quota, amount)

    def _lets(self, quota: Quota, amount: int) -> bool:
        """Whether what does not fit passes: larger than a whole limit, but alone.

        So nothing is stuck for ever.
        """
        window = quota.window
        oversize = amount > window.limit > 0
        return oversize and window.used == 0 and self._rules.oversize == "admit"

    def _admit(self, quotas: Sequence[Quota], cost: Cost, now: float) -> Decision | None:
        """Charge every window that has a say."""
        tightest, lowest = None, SCALE + 1
        for quota in quotas:
            amount = cost[quota.cost]
            if not amount:
                continue
            window = quota.window
            window.charge(now, amount)
            # `_remaining`, spelled out: every request with several windows comes this way.
            limit = window.limit
            left = limit - window.used
            remaining = (SCALE * left // limit or 1) if left > 0 else 0
            if remaining < lowest:
                tightest, lowest = quota, remaining
        if tightest is None:
            return None
        return self._admitted(tightest, lowest, cost[tightest.cost], now)

    def _admitted(self, tightest: Quota, remaining: int, amount: int, now: float) -> Decision:
        rules = self._rules
        window = tightest.window
        empties = rules.reset == "empty"
        then = window.empty_at(now) if empties else window.passes_at(now, amount)
        scope = tightest.scope
        return Decision(
            True,
            scope.name,
            scope.limit,
            tightest.allowance,
            tightest.key,
            max(remaining, rules.remaining_floor),
            whole_seconds(now, then),
        )

    def _refuse(
        self, surface: Surface, quotas: Sequence[Quota], cost: Cost, now: float
    ) -> Decision:
        """Name the window that keeps the request out longest; of several such, the first."""
        asked = [(quota, amount) for quota in quotas if (amount := cost[quota.cost])]
        refusing = [pair for pair in asked if not self._agrees(*pair, now)]
        if self._rules.count_refused:
            for quota, amount in asked:
                quota.window.charge(now, amount)
        waits = [self._passes_at(*pair, now) for pair in refusing]
        passes_at = max(waits)
        quota, amount = refusing[waits.index(passes_at)]
        if self._rules.count_refused:  # which may have filled others beyond it
            passes_at = max(self._passes_at(*pair, now) for pair in asked)
        return self._refused(surface, quota, amount, passes_at, now)

    def _refused(
        self, surface: Surface, quota: Quota, amount: int, passes_at: float, now: float
    ) -> Decision:
        rules = self._rules
        window = quota.window
        if passes_at == _NEVER:  # a header must say something
            passes_at = now + window.length
        then = passes_at if rules.reset == "next" else max(passes_at, window.empty_at(now))
        reset = whole_seconds(now, then)
        retry = rules.graphql_retry_after if surface is Surface.GRAPHQL else rules.retry_after
        retry_after = retry.whole_seconds(reset, whole_seconds(now, passes_at))
        scope = quota.scope
        return Decision(
            False,
            scope.name,
            scope.limit,
            quota.allowance,
            quota.key,
            rules.remaining_floor,
            reset,
            retry_after,
            amount > window.limit and self._never_fits(window, amount),
        )

    def _passes_at(self, quota: Quota, amount: int, now: float) -> float:
        """When `amount` passes if nothing more arrives, infinite if it never does."""
        window = quota.window
        if not window.limit or self._never_fits(window, amount):
            return _NEVER
        return window.passes_at(now, amount)

    def _never_fits(self, window: Window, amount: int) -> bool:
        return self._rules.oversize == "reject" and amount > window.limit > 0


def _remaining(window: Window) -> int:
    """How much is left, scaled; 0 only when nothing is."""
    limit = window.limit
    left = limit - window.used
    return (SCALE * left // limit or 1) if left > 0 else 0


def whole_seconds(now: float, then: float) -> int:
    """The fewest whole seconds, at least 1, after which it is `then`, as the clock will have it."""
    seconds = int(then - now)
    while now + seconds < then:
        seconds += 1
    return seconds or 1
