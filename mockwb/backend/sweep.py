"""A sweep as W&B keeps it: a search over run configs that agents carry out."""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from mockwb.backend.node_ids import node_id, node_parts


class SweepKey(NamedTuple):
    """Where a sweep lives; `name` is the short id in URLs."""

    entity: str
    project: str
    name: str

    @property
    def storage_id(self) -> str:
        """The id that GraphQL shows."""
        return node_id("Sweep", "v1", self.name, self.project, self.entity)

    @staticmethod
    def from_storage_id(text: str) -> "SweepKey | None":
        """The key behind a storage id; None if `text` is none."""
        parts = node_parts("Sweep", text)
        if parts is None or len(parts) != 4:
            return None
        _version, name, project, entity = parts
        return SweepKey(entity, project, name)

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}"


class SweepState(StrEnum):
    """Sweep states as W&B spells them."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    CRASHED = "CRASHED"
    ERROR = "ERROR"
    FLAPPING = "FLAPPING"


OPEN = frozenset({SweepState.PENDING, SweepState.RUNNING})
"""States in which agents get runs."""
UNDER_WAY = OPEN | {SweepState.PAUSED}
"""States in which agents stay; in all others they are sent home."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What clients said about a sweep, and how far it has come."""

    entity: str
    project: str
    name: str
    number: int
    """Counts the sweeps of the project from 1."""
    user: str
    """User name of the API key that created it."""
    created_at: float
    """Seconds since the Unix epoch, like the other instants."""
    updated_at: float
    heartbeat_at: float
    """When an agent was last heard of; at first when the sweep was made."""
    config: str
    """YAML text of a mapping."""
    state: SweepState = SweepState.PENDING
    display_name: str | None = None
    description: str | None = None
    controller: str | None = None
    """JSON text that a local controller writes: what to start and what to stop."""
    scheduler: str | None = None
    """JSON text that the server writes: what became of `controller`."""
    prior_runs: tuple[str, ...] = ()
    """Names of runs from before that the search knows."""

    @property
    def key(self) -> SweepKey:
        """Where it lives."""
        return SweepKey(self.entity, self.project, self.name)
