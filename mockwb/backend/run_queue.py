"""What launch keeps: queues, what waits in them, and how their resources are set up."""

from enum import StrEnum
from typing import Any

import msgspec

from mockwb.backend.node_ids import node_id


class QueueAccess(StrEnum):
    """Who may use a queue, as W&B spells it."""

    PROJECT = "PROJECT"
    """Who may write to its project."""
    USER = "USER"
    """Who made it."""


class Prioritization(StrEnum):
    """Whether items have priorities, as W&B spells it."""

    DISABLED = "DISABLED"
    V0 = "V0"


class ItemState(StrEnum):
    """How far an item has come, as W&B spells it."""

    PENDING = "PENDING"
    LEASED = "LEASED"
    """An agent has taken it and has a minute to acknowledge it."""
    CLAIMED = "CLAIMED"
    FAILED = "FAILED"


class ResourceConfig(msgspec.Struct, frozen=True, kw_only=True):
    """What a queue's runs get unless they bring resource arguments of their own."""

    number: int
    entity: str
    resource: str
    """Such as `kubernetes`."""
    config: dict[str, Any]
    """`{"resource_args": {resource: ...}}`, with `{{name}}` where variables go."""
    variables: dict[str, dict[str, Any]]
    """JSON schemas of the template variables, by name."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return node_id("DefaultResourceConfig", self.number)


class RunQueue(msgspec.Struct, frozen=True, kw_only=True):
    """One queue."""

    number: int
    entity: str
    project: str
    name: str
    user: str
    """Who made it."""
    access: QueueAccess
    prioritization: Prioritization
    config: str | None = None
    """Id of its resource configuration."""
    external_links: dict[str, Any] | None = None
    """`{"links": [{"label": ..., "url": ...}]}`."""
    created_at: float
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """Opaque id."""
        return queue_id(self.number)


def queue_id(number: int) -> str:
    """The id of the queue of that number."""
    return node_id("RunQueue", number)


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent says went wrong with an item."""

    message: str
    stage: str
    """Such as `agent` or `run`."""
    file_paths: list[str] | None = None
    """Files of the agent's own run that tell more."""


class RunQueueItem(msgspec.Struct, frozen=True, kw_only=True):
    """One run that waits in a queue, or has left it."""

    number: int
    queue: int
    """Number of its queue."""
    user: str
    """Who put it there."""
    run_spec: dict[str, Any]
    """With resource and resource arguments filled in."""
    priority: int | None = None
    """0 is the most urgent; None without priorities."""
    state: ItemState = ItemState.PENDING
    leased_at: float | None = None
    """Seconds since the Unix epoch."""
    agent: str | None = None
    """Id of the launch agent that took it last."""
    run: str | None = None
    """Short id of its run, once it is claimed."""
    error: Complaint | None = None
    warnings: tuple[Complaint, ...] = ()
    created_at: float
    """Seconds since the Unix epoch."""

    @property
    def id(self) -> str:
        """Opaque id, which leads to the queue, too."""
        return node_id("RunQueueItem", self.queue, self.number)
