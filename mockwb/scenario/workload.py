"""What every kind of workload has in common: its part of the scenario file, and what it is given.

A new kind is a file of `kinds` with a subclass of `Workload`, and a line in its `__init__`.
"""

import asyncio
import importlib.metadata
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import msgspec

from mockwb.clock import Clock
from mockwb.config.schemas import Describe, Schema
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.virtual_client import VirtualClient

_PROJECT_PATH = re.compile(r"[^/\s]+/[^/\s]+")

_NUMBER = "{i}"

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,40}$", examples=["my-job"])]
"""Part of run IDs, thresholds and table headings."""


class ProjectPath:
    """Where runs go, written `entity/project`."""

    __slots__ = ("entity", "project")

    def __init__(self, entity: str, project: str) -> None:
        """Name both parts."""
        self.entity = entity
        self.project = project

    @classmethod
    def from_config(cls, value: object) -> "ProjectPath":
        """Parse `entity/project`; ValueError says what was expected."""
        if not isinstance(value, str) or not _PROJECT_PATH.fullmatch(value):
            raise ValueError(f"expected entity/project such as my-team/my-project, got {value!r}")
        entity, project = value.split("/")
        return cls(entity, project)

    @classmethod
    def json_schema(cls, of: Describe) -> Schema:
        """What `from_config` takes."""
        return {"type": "string", "pattern": f"^{_PROJECT_PATH.pattern}$"}

    @property
    def parts(self) -> tuple[str, str]:
        """Entity and project."""
        return self.entity, self.project

    def numbered(self, number: int, of: int) -> "ProjectPath":
        """The path's `number`-th project `of` several: `{i}` replaced, or the number appended."""
        if _NUMBER in str(self):
            entity, project = (
                part.replace(_NUMBER, str(number)) for part in (self.entity, self.project)
            )
            return ProjectPath(entity, project)
        return self if of == 1 else ProjectPath(self.entity, f"{self.project}-{number}")

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}"


@dataclass(frozen=True)
class Surroundings:
    """What a workload needs to run, beside its own settings."""

    base_url: str
    """The server's, without a trailing slash."""
    api_key: str
    clock: Clock
    run_prefix: str
    """Starts every run ID, so that no two scenario runs on one server share a run."""
    seed: int = 0
    """The scenario's: what decides all that is random."""
    started_at: float = 0.0
    """When it started, in seconds since the epoch."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when time is up or at Ctrl-C: end all clients, report what they got done."""
    rows_logged: dict[str, Callable[[], int]] = field(default_factory=dict)
    """Workload -> what says how many rows its clients have logged so far; kinds that can tell
    while they run enter themselves."""


class Workload(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """N clients of one kind, each with one run of its own."""

    name: Name
    project: ProjectPath
    """Where the runs go; with `{i}` in it, or several `projects`, a pattern."""
    projects: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Projects that the clients are dealt out to, in turn: 3 make demo-0, demo-1 and demo-2 of
    demo, and `team-{i}/demo` three entities."""
    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Clients."""
    ramp: Ramp = Ramp.over(0)
    """When the clients start; all at once if not given."""

    @property
    def starting_seconds(self) -> float:
        """From the first client's start to the last one's."""
        return self.start_delay(self.count - 1)

    @property
    def project_paths(self) -> list[ProjectPath]:
        """All projects that any client's run goes to."""
        dealt = range(min(self.projects, self.count))
        return [self.project.numbered(number, self.projects) for number in dealt]

    def project_of(self, index: int) -> ProjectPath:
        """The project of client `index` (0-based)."""
        return self.project.numbered(index % self.projects, self.projects)

    marks_runs: ClassVar[bool] = False
    """Whether its runs have names of their own, and are known by `run_id` as their host."""

    @property
    def rows_expected(self) -> int:
        """History rows that all clients log together; 0 if that is not known beforehand."""
        return 0

    @property
    def request_rate(self) -> float:
        """file_stream requests per second of one client that logs; 0 if that is not known."""
        return 0.0

    @property
    def logging_seconds(self) -> float:
        """From the first client's start to the last one's last row; 0 if that is not known."""
        return 0.0

    rows_known: ClassVar[bool] = False
    """Whether `logged_rows` tells what its clients log."""

    def logged_rows(self, index: int, count: int) -> Iterable[dict[str, Any]]:
        """The first `count` rows of client `index` (0-based), without the SDK's own keys."""
        return ()

    def run_id(self, around: Surroundings, index: int) -> str:
        """The run ID of client number `index` (0-based)."""
        return f"{around.run_prefix}-{self.name}-{index}"

    def start_delay(self, index: int, seed: int = 0) -> float:
        """Seconds after the start of the workload at which client `index` starts.

        `seed` is the scenario's.
        """
        return self.ramp.starts(self.count, f"{seed}/{self.name}")[index]

    def __post_init__(self) -> None:
        """Refuse a ramp that does not start all clients."""
        problem = self.ramp.problem(self.count)
        if problem is not None:
            raise ValueError(f"ramp: {problem}")

    def check(self) -> None:
        """Raise StartError if this machine cannot run the workload."""

    def start_error(self, problem: str, *path: str | int) -> StartError:
        """What is not there, and the key that asks for it, seen from the workload."""
        return StartError(f"workload {self.name}: {problem}", "workloads", self.name, *path)

    def check_sdk(self, what: str, key: str) -> None:
        """StartError without the wandb package, which `what`, asked for by `key`, needs."""
        try:
            importlib.metadata.version("wandb")
        except importlib.metadata.PackageNotFoundError:
            raise self.start_error(
                f"{what} needs the wandb package: pip install 'mockwb[sdk]'", key
            ) from None

    @property
    def preparation(self) -> str | None:
        """What `prepare` will take its time for, for people; None if it takes none."""
        return None

    async def prepare(self) -> None:
        """Get what takes its time to get, before any client starts; StartError if that fails."""

    def client(self, around: Surroundings, index: int) -> VirtualClient | PublicClient:
        """The model of client number `index` (0-based), for simulations, not started yet.

        StartError if this kind cannot be simulated.
        """
        kind = self.__struct_config__.tag
        raise self.start_error(f"kind {kind} cannot be simulated, only run (mockwb run)", "kind")

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Run all clients to their end, or until `around.stop`; one result per client."""
        raise NotImplementedError(f"{type(self).__name__} does not say how to run")


async def due(around: Surroundings, delay: float) -> bool:
    """Wait for a client's start; False if the scenario is stopped before."""
    pause = asyncio.ensure_future(around.clock.sleep(delay))
    stopped = asyncio.ensure_future(around.stop.wait())
    try:
        await asyncio.wait({pause, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
        stopped.cancel()
    return not around.stop.is_set()
