"""A run as W&B keeps it: what was said of it, and how far it has come.

Two records, because they change at different rates: `Run` with each UpsertBucket, `RunProgress`
with each file_stream request.
"""

from enum import StrEnum
from typing import NamedTuple

import msgspec

from mockwb.backend.errors import NotFoundError
from mockwb.backend.node_ids import node_id, node_parts


class RunKey(NamedTuple):
    """Where a run lives; `name` is the short id in URLs."""

    entity: str
    project: str
    name: str

    @property
    def storage_id(self) -> str:
        """The id that GraphQL shows; the sweep scheduler builds the same by itself."""
        return node_id("Run", "v1", self.name, self.project, self.entity)

    @staticmethod
    def from_storage_id(text: str) -> "RunKey":
        """The key behind a storage id; NotFoundError if `text` is none."""
        parts = node_parts("Run", text)
        if parts is None or len(parts) != 4:
            raise NotFoundError(f"run {text} not found")
        _version, name, project, entity = parts
        return RunKey(entity, project, name)

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}"


class RunState(StrEnum):
    """Run states as W&B spells them."""

    PENDING = "pending"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"
    CRASHED = "crashed"
    PREEMPTING = "preempting"
    PREEMPTED = "preempted"


ENDED = frozenset({RunState.FINISHED, RunState.FAILED, RunState.KILLED, RunState.PREEMPTED})
"""States that a finish mark leads to."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What clients said about a run, and what the server made up."""

    entity: str
    project: str
    name: str
    display_name: str
    user: str
    """User name of the API key that created it."""
    created_at: float
    """Seconds since the Unix epoch."""
    number: int
    """Counts the runs of the project from 1, deleted ones included."""
    updated_at: float = 0.0
    description: str | None = None
    notes: str | None = None
    tags: tuple[str, ...] = ()
    group: str | None = None
    job_type: str | None = None
    sweep: str | None = None
    """Short id of the sweep."""
    config: str | None = None
    """JSON text as the client sent it."""
    inherited_config: str | None = None
    """JSON text of what a fork has from its parent and its own client knows nothing of."""
    commit: str | None = None
    repo: str | None = None
    host: str | None = None
    program: str | None = None

    @property
    def key(self) -> RunKey:
        """Where it lives."""
        return RunKey(self.entity, self.project, self.name)


class RunProgress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run has come."""

    state: RunState = RunState.RUNNING
    """As last told by the client; `state_at` adds what silence means."""
    heartbeat_at: float = 0.0
    """Seconds since the Unix epoch."""
    exit_code: int | None = None
    stop_requested: bool = False

    def state_at(self, now: float, crash_after: float) -> RunState:
        """The state that W&B would show at `now` (seconds since the Unix epoch)."""
        if now - self.heartbeat_at > crash_after:
            if self.state is RunState.RUNNING:
                return RunState.CRASHED
            if self.state is RunState.PREEMPTING:
                return RunState.PREEMPTED
        return self.state

    def completed(self, exit_code: int) -> RunState:
        """The state that a finish mark with `exit_code` leads to."""
        if self.stop_requested:
            return RunState.KILLED
        if exit_code == 0:
            return RunState.FINISHED
        if self.state is RunState.PREEMPTING:
            return RunState.PREEMPTED
        return RunState.FAILED
