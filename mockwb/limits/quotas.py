"""The windows in force for each key, made when a key is first seen and dropped when it is idle."""

import gc
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from mockwb.limits.rates import Rate
from mockwb.limits.rules import LimitRules
from mockwb.limits.scopes import SCOPES, KeyOf, Scope
from mockwb.limits.windows.carry_over import carry_over
from mockwb.limits.windows.kinds import WindowKind, make_window
from mockwb.limits.windows.window import Window
from mockwb.target import Caller, Surface, Target

_SWEEP_AFTER = 1024
"""New keys between two looks for idle ones, at least."""
_SWEEP_EVERY = 10.0
"""Seconds until the next look in any case, and one more for each `_SWEEP_AFTER` keys."""


class Quota:
    """One window in force for one key."""

    __slots__ = ("allowance", "cost", "key", "kind", "scope", "window")

    def __init__(self, scope: Scope, key: str, allowance: str, kind: str, window: Window) -> None:
        """Let `window` limit `scope` of `key`."""
        self.scope = scope
        self.key = key
        self.cost = scope.cost
        self.allowance = allowance
        """What the window allows, as configuration writes it."""
        self.kind = kind
        self.window = window


class _Group:
    """The scopes of one surface that belong to the same key: one look-up finds all windows."""

    __slots__ = ("key", "quotas", "scopes")

    def __init__(self, key: KeyOf, scopes: list[Scope]) -> None:
        self.key = key
        self.scopes = scopes
        self.quotas: dict[str, list[Quota]] = {}


class Quotas:
    """All quotas of one set of rules."""

    def __init__(self, rules: LimitRules) -> None:
        """Hold to `rules`; every window starts empty."""
        self._rules = rules
        self._groups = {surface: self._grouped(surface) for surface in Surface}
        self._until_sweep = _SWEEP_AFTER
        self._sweep_at = float("-inf")

    def limits(self, surface: Surface) -> bool:
        """Whether anything on that surface is limited at all."""
        return bool(self._groups[surface])

    def of(self, target: Target, caller: Caller, now: float) -> Sequence[Quota]:
        """The quotas of a request."""
        if now >= self._sweep_at:
            self._drop_idle(now)
        found: list[Quota] = []
        for group in self._groups[target.surface]:
            key = group.key(target, caller)
            if key is None:
                continue
            quotas = group.quotas.get(key)
            if quotas is None:
                quotas = self._added(group, key, now)
            found = found + quotas if found else quotas
        return found

    def all(self) -> Iterator[Quota]:
        """Every quota of every key seen and not idle since."""
        for group in self._all_groups():
            for quotas in list(group.quotas.values()):
                yield from quotas

    def matching(self, scope: str | None, key: str | None) -> Iterator[Quota]:
        """Those of a scope's name and a glob over keys; None matches everything."""
        for quota in self.all():
            if scope not in (None, quota.scope.name):
                continue
            if key is None or quota.key == key or fnmatchcase(quota.key, key):
                yield quota

    def succeed(self, former: "Quotas", now: float) -> None:
        """Take over the keys of `former` rules and what counts against them."""
        known = {
            (surface, group.key): group.quotas
            for surface, groups in former._groups.items()
            for group in groups
        }
        collecting = gc.isenabled()
        gc.disable()  # all that is made here stays; looking through it again and again takes longer
        try:
            for surface, groups in self._groups.items():
                for group in groups:
                    for key, old in known.get((surface, group.key), {}).items():
                        group.quotas[key] = self._make(group, key, old, now)
        finally:
            if collecting:
                gc.enable()

    def _added(self, group: _Group, key: str, now: float) -> list[Quota]:
        """Quotas of a key that was not seen, or dropped, before."""
        self._until_sweep -= 1
        if self._until_sweep <= 0:
            self._drop_idle(now)
        quotas = group.quotas[key] = self._make(group, key, (), now)
        return quotas

    def _make(self, group: _Group, key: str, former: Sequence[Quota], now: float) -> list[Quota]:
        """All quotas of `key`, which take over what counts against the `former` ones."""
        made: list[Quota] = []
        for scope in group.scopes:
            rates = scope.rates(self._rules, key)
            if rates is None:
                continue
            ancestors = [quota for quota in former if quota.scope is scope]
            for rate in rates.windows:
                kind = rate.kind or self._rules.window
                window = _kept(kind, rate, ancestors)
                if window is not None and all(quota.window is not window for quota in made):
                    window.resize(now, rate.amount)
                else:
                    window = make_window(kind, rate.amount, rate.window)
                    if ancestors:
                        carry_over(window, [quota.window for quota in ancestors], now)
                made.append(Quota(scope, key, rate.text, kind, window))
        return made

    def _grouped(self, surface: Surface) -> list[_Group]:
        """The limited scopes of a surface, by what their quotas belong to."""
        by_key: dict[KeyOf, list[Scope]] = {}
        for scope in SCOPES:
            if scope.surface is surface and scope.limited(self._rules):
                by_key.setdefault(scope.key, []).append(scope)
        return [_Group(key, scopes) for key, scopes in by_key.items()]

    def _all_groups(self) -> Iterator[_Group]:
        for groups in self._groups.values():
            yield from groups

    def _drop_idle(self, now: float) -> None:
        """Forget the keys whose windows are empty; a fresh start is the same to them."""
        kept = 0
        for group in self._all_groups():
            for key, quotas in list(group.quotas.items()):
                for quota in quotas:
                    quota.window.expire(now)
                if any(quota.window.used for quota in quotas):
                    kept += 1
                else:
                    del group.quotas[key]
        # As many new keys, or so much time, until the next look that it costs each hardly anything.
        self._until_sweep = max(_SWEEP_AFTER, kept)
        self._sweep_at = now + _SWEEP_EVERY + kept / _SWEEP_AFTER


def _kept(kind: WindowKind, rate: Rate, ancestors: Sequence[Quota]) -> Window | None:
    """The window among `ancestors` that goes on as it is, but for its limit."""
    for quota in ancestors:
        if quota.kind == kind and quota.window.length == rate.window:
            return quota.window
    return None
