"""A scenario file, typed. Unknown keys and wrong types are errors."""

from typing import Annotated

import msgspec

from mockwb.config.model import ServerConfig
from mockwb.scenario.kinds import Kind
from mockwb.scenario.network import Network
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.workload import Name
from mockwb.units import Duration


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to start, what to do to it, and what must come of it."""

    name: Name
    description: str = ""
    include: str | list[str] = []
    """Scenario files that this one builds on, relative to it: what is said here, or in a later one,
    wins. Mappings merge key by key, workloads by name; other lists and values are replaced."""
    variables: dict[str, str | int | float | bool] = {}
    """Values that `${name}` stands for anywhere in the file; `--set name=value` changes them, and
    so does `MOCKWB_SET_NAME` in the environment."""
    server: ServerConfig = ServerConfig()
    """As in a server's configuration file: plan, limits, ... Only for a server of our own.
    Unless the file says otherwise it takes a free port and logs errors only."""
    workloads: Annotated[list[Kind], msgspec.Meta(min_length=1)]
    """All run at the same time."""
    timeline: list[TimelineEvent] = []
    """What befalls the server meanwhile, in any order."""
    seed: int = 0
    """What decides all that is random: starts, waits of modelled clients, and, unless `server` says
    otherwise, faults."""
    simulate: Network = Network()
    """What `mockwb simulate` assumes of the network."""
    timeout: Duration = Duration(600)
    """Clients that are not done after so many seconds are ended, and count as failed."""
    thresholds: list[Threshold] = msgspec.field(
        default_factory=lambda: [Threshold("clients.failed == 0"), Threshold("rows.missing == 0")]
    )
    """All must hold for exit code 0; without any given: no client failed, no row is missing."""
    report: str | None = None
    """Folder that the report is written to, seen from where the command is called, unless
    `--report` names another one; without either none is written."""
