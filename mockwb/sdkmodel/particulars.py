"""What makes one virtual run different from another, besides its rows. `VirtualRun` takes it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockwb.sdkmodel.lines import ConsoleSource, LineSource


class Particulars(NamedTuple):
    """What is not given is made up, or left out."""

    config: Mapping[str, Any] = {}
    """The user's own part of it."""
    about: Mapping[str, Any] = {}
    """What else UpsertBucket says of the run, by the names of its variables."""
    host: str = "virtual"
    """The machine that it says it runs on."""
    console: ConsoleSource | None = None
    system_metrics: LineSource | None = None
