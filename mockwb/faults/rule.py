"""A rule: which requests, when, and what befalls them; the same in files and over HTTP."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

from mockwb.faults.kinds.registry import Kind
from mockwb.faults.match import Match
from mockwb.faults.when import When

Name = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]


class FaultRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fault."""

    name: Name | None = None
    """What accounts, metrics and logs call it; None calls it after its kind."""
    match: Match = Match()
    when: When = When()
    what: Kind


def check_names(rules: Iterable[FaultRule]) -> None:
    """ValueError if two rules share a name."""
    seen: set[str] = set()
    for rule in rules:
        if rule.name is not None and rule.name in seen:
            raise ValueError(f"two faults are called {rule.name}")
        seen.add(rule.name or "")
