"""Events `start_fault`, `start_profile`, `stop_fault`: what befalls requests, from when to when."""

import msgspec

from mockwb.faults.kinds.registry import kind_of
from mockwb.faults.rule import FaultRule
from mockwb.scenario.timeline.event import Event
from mockwb.units import Duration, format_duration


class StartFault(Event, frozen=True, kw_only=True, tag="start_fault"):
    """Put one fault in force."""

    fault: FaultRule
    """As in a server's `faults`."""
    duration: Duration | None = msgspec.field(default=None, name="for")
    """How long; without it, until it is stopped."""

    @property
    def name(self) -> str:
        """What the fault is called; after its kind and time unless it has a name."""
        made_up = f"{kind_of(self.fault.what)}-at-{format_duration(self.at)}"
        return self.fault.name or made_up

    @property
    def text(self) -> str:
        """Which one, and for how long."""
        how_long = "" if self.duration is None else f" for {self.duration}"
        return f"fault {self.name}{how_long}"


class StartProfile(Event, frozen=True, kw_only=True, tag="start_profile"):
    """Put the faults of a profile in force, and no others."""

    profile: str
    """A fault profile that comes with mockwb."""

    @property
    def text(self) -> str:
        """Which one."""
        return f"fault profile {self.profile}"


class StopFault(Event, frozen=True, kw_only=True, tag="stop_fault"):
    """Take a fault out of force, or all of them."""

    name: str | None = None
    """The fault's; without it, all faults stop."""

    @property
    def text(self) -> str:
        """Which one."""
        return "all faults stop" if self.name is None else f"fault {self.name} stops"
