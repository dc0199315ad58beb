"""A request as faults see it: who asks, what for, and which attempt it is."""

import re
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from mockwb.target import Target

_VERSION = re.compile(r"(?:W&B|wandb).*?(\d+\.\d+\.\d+\S*)")


class Subject(NamedTuple):
    """One request, before it is handled."""

    target: Target
    user: str = ""
    """User name; empty where the request carries none."""
    user_agent: str = ""
    sdk_version: str = ""
    """Of the SDK that sent it, where that is known."""

    def identity(self, run: str | None) -> str:
        """What requests have in common that do the same for the same run, which is called `run`."""
        target = self.target
        parts = (target.surface.value, target.operation, target.entity, target.project, run)
        return "/".join([*(part or "-" for part in parts), self.user or "-"])


@dataclass(frozen=True, slots=True)
class Strike:
    """One request that a rule strikes, for its kind to say what becomes of it."""

    subject: Subject
    rule: str
    """Name of the rule."""
    key: str
    """Seed of everything random about it; the same in a rerun, whatever came in between."""

    @property
    def random(self) -> Random:
        """A source of its own for this kind's choices."""
        return Random(f"{self.key}/what")


def strike_key(seed: int, rule: str, identity: str, attempt: int) -> str:
    """The key of the `attempt`-th request (from 1) of an identity under a rule."""
    return f"{seed}/{rule}/{identity}/{attempt}"


def version_in(user_agent: str) -> str:
    """`0.16.6` of `W&B Internal Client 0.16.6`; empty where there is none, as in `wandb-core`."""
    found = _VERSION.match(user_agent)
    return found[1] if found is not None else ""
