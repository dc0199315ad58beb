"""The rules in force: which of them strike a request, and what comes of it together.

`gate` asks for each request once it knows who sent it; the control API changes the rules.
"""

import random
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from mockwb.clock import Clock
from mockwb.faults.effect import Effect, together
from mockwb.faults.kinds.registry import kind_of
from mockwb.faults.rule import FaultRule
from mockwb.faults.run_names import RunNames
from mockwb.faults.subject import Strike, Subject, strike_key

_REMEMBERED = 100_000
"""Runs and identities that a rule counts apart; the one counted longest ago begins anew."""


class TakenNameError(ValueError):
    """A rule of that name is there already; the message names it."""


@dataclass(frozen=True, slots=True)
class Struck:
    """What rules do to one request."""

    effect: Effect
    by: tuple[tuple[str, str], ...]
    """(name, kind) of each rule, in order."""


class _Counts:
    """How often each key has come, for as many keys as are worth remembering."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: OrderedDict[str, int] = OrderedDict()

    def next(self, key: str) -> int:
        """The ordinal of this time, from 1."""
        count = self._counts.pop(key, 0) + 1
        self._counts[key] = count
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return count


@dataclass(slots=True)
class RuleState:
    """A rule that is in force, and what it has done."""

    name: str
    kind: str
    rule: FaultRule
    added_at: float
    """Seconds of the clock."""
    matched: int = 0
    """Requests that it is about, struck or not."""
    acted: int = 0
    """Requests that it struck."""
    _numbers: _Counts = field(default_factory=_Counts)
    _attempts: _Counts = field(default_factory=_Counts)
    _names: RunNames = field(default_factory=lambda: RunNames(_REMEMBERED))

    def strike(self, subject: Subject, now: float, seed: int) -> Effect | None:
        """What this rule does to a request; None if it lets it pass. Counts it."""
        rule = self.rule
        if not self._is_about(subject) or not rule.when.on(now - self.added_at):
            return None
        target = subject.target
        # A rule that counts all together needs one number only.
        place = "" if rule.when.per == "rule" else target.run_path or target.project_path or "-"
        number = self._numbers.next(place)
        identity = subject.identity(self._names.of(target))
        attempt = self._attempts.next(identity)
        if not rule.match.counts_in(number):
            return None
        self.matched += 1
        key = strike_key(seed, self.name, identity, attempt)
        chance = rule.when.probability
        if not rule.when.strikes(number - rule.match.from_number + 1):
            return None
        if chance < 1 and random.Random(key).random() >= chance:
            return None
        self.acted += 1
        return rule.what.effect(Strike(subject, self.name, key))

    def _is_about(self, subject: Subject) -> bool:
        return subject.target.surface in self.rule.what.surfaces and self.rule.match.fits(subject)


class Faults:
    """All rules of one server."""

    def __init__(self, clock: Clock, seed: int = 0, rules: Iterable[FaultRule] = ()) -> None:
        """Begin with `rules`, the later of two that share a name; `seed` decides all chances."""
        self._clock = clock
        self.seed = seed
        self._states: dict[str, RuleState] = {}
        self.active = False
        """Whether there is any rule: all that is asked where there is none."""
        self.needs_sdk_version = False
        """Whether any rule asks which SDK it is."""
        self.replace(rules)

    @property
    def states(self) -> list[RuleState]:
        """The rules in force, in the order in which they were added."""
        return list(self._states.values())

    def decide(self, subject: Subject) -> Struck | None:
        """What befalls a request, all rules that strike it together; None if none does."""
        now = self._clock.now()
        effects, by = [], []
        for state in self._states.values():
            effect = state.strike(subject, now, self.seed)
            if effect is not None:
                effects.append(effect)
                by.append((state.name, state.kind))
        return Struck(together(effects), tuple(by)) if effects else None

    def add(self, rule: FaultRule) -> RuleState:
        """Put one more in force; TakenNameError if its name is another's."""
        if rule.name in self._states:
            raise TakenNameError(f"there is a fault called {rule.name!r} already")
        return self._put(rule)

    def replace(self, rules: Iterable[FaultRule]) -> None:
        """Put these in force and no other; all counts begin anew."""
        self._states.clear()
        for rule in rules:
            self._put(rule)
        self._changed()

    def remove(self, name: str) -> bool:
        """Take one out of force; False if there is none of that name."""
        found = self._states.pop(name, None) is not None
        self._changed()
        return found

    def _put(self, rule: FaultRule) -> RuleState:
        kind = kind_of(rule.what)
        name = rule.name or self._free_name(kind)
        rule = msgspec.structs.replace(rule, name=name)
        state = self._states[name] = RuleState(name, kind, rule, self._clock.now())
        self._changed()
        return state

    def _free_name(self, kind: str) -> str:
        number = 1
        while (name := kind if number == 1 else f"{kind}-{number}") in self._states:
            number += 1
        return name

    def _changed(self) -> None:
        self.active = bool(self._states)
        self.needs_sdk_version = any(
            state.rule.match.sdk_version is not None for state in self._states.values()
        )
