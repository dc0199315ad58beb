"""What every event of a timeline is. Plain data: `player` acts on it over HTTP.

A further event is one class, its line in `events.TimelineEvent`, and what each player does at it.
"""

import msgspec

from mockwb.units import Duration


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do"):
    """Base of all events."""

    at: Duration
    """Since the workloads started."""

    @property
    def text(self) -> str:
        """What happens, for people."""
        raise NotImplementedError(f"{type(self).__name__} does not say what happens")
