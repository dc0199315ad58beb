"""Events as scenario files write them."""

from typing import Any

from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.yaml_file import convert

OUTAGE = {"name": "down", "what": {"kind": "status", "status": 503}}


def event(do: str, at: str = "0s", **fields: Any) -> TimelineEvent:
    """One event; a field `for` is written `for_`."""
    given = {name.removesuffix("_"): value for name, value in fields.items()}
    return convert({"do": do, "at": at, **given}, TimelineEvent)  # type: ignore[arg-type]
