"""The scopes of limits: which requests each applies to, and what it counts per what.

A further limit is one more entry of `SCOPES`, and a field of the scope's section in `rules`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from mockwb.limits.rates import Rates
from mockwb.limits.rules import LimitRules, LimitSection
from mockwb.target import Caller, Cost, Surface, Target

KeyOf = Callable[[Target, Caller], str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One kind of limit."""

    name: str
    """As accounts, metrics and messages call it; also its section in the rules."""
    limit: str
    """What is counted, by name; also the field of the section."""
    surface: Surface
    """The requests it applies to."""
    key: KeyOf
    """What each quota belongs to; None if the request does not name it."""
    cost: int
    """Which field of `Cost` it charges, by index."""
    unit: str
    """How to write amounts: `` for plain numbers, `B` for bytes, `ms` for time."""

    def rates(self, rules: LimitRules, key: str) -> Rates | None:
        """What holds for `key`: the first override that matches it, or what holds in general."""
        section = self._section(rules)
        for override in section.overrides:
            if fnmatchcase(key, override.match):
                rates = self._of(override)
                return self._of(section) if rates is None else rates
        return self._of(section)

    def limited(self, rules: LimitRules) -> bool:
        """Whether any key can have a window at all."""
        section = self._section(rules)
        every = [self._of(section), *map(self._of, section.overrides)]
        return any(rates is not None and rates.windows for rates in every)

    def _section(self, rules: LimitRules) -> LimitSection:
        section: LimitSection = getattr(rules, self.name)
        return section

    def _of(self, section: object) -> Rates | None:
        rates: Rates | None = getattr(section, self.limit)
        return rates


def _project(target: Target, _: Caller) -> str | None:
    return target.project_path


def _run(target: Target, _: Caller) -> str | None:
    return target.run_path


def _user(_: Target, caller: Caller) -> str | None:
    return caller.user


def _ip(_: Target, caller: Caller) -> str | None:
    return caller.ip if caller.user is None else None


_REQUESTS, _BYTES, _RUN_CREATIONS, _QUERY_MS = range(len(Cost._fields))

SCOPES = (
    Scope("project", "requests", Surface.FILE_STREAM, _project, _REQUESTS, ""),
    Scope("project", "bytes", Surface.FILE_STREAM, _project, _BYTES, "B"),
    Scope("run", "requests", Surface.FILE_STREAM, _run, _REQUESTS, ""),
    Scope("project", "run_creations", Surface.GRAPHQL, _project, _RUN_CREATIONS, ""),
    Scope("project", "query_time", Surface.GRAPHQL, _project, _QUERY_MS, "ms"),
    Scope("user", "requests", Surface.GRAPHQL, _user, _REQUESTS, ""),
    Scope("ip", "requests", Surface.GRAPHQL, _ip, _REQUESTS, ""),
    Scope("project", "storage_requests", Surface.STORAGE, _project, _REQUESTS, ""),
    Scope("project", "storage_bytes", Surface.STORAGE, _project, _BYTES, "B"),
)

SCOPE_NAMES = tuple(dict.fromkeys(scope.name for scope in SCOPES))
