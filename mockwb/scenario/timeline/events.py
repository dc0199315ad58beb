"""The events of a timeline: one line for each."""

from mockwb.scenario.timeline.faults import StartFault, StartProfile, StopFault
from mockwb.scenario.timeline.freeze import Freeze, Thaw
from mockwb.scenario.timeline.limits import ChangeLimits
from mockwb.scenario.timeline.outages import Kill, Restart

TimelineEvent = (
    ChangeLimits | StartFault | StartProfile | StopFault | Freeze | Thaw | Restart | Kill
)
"""What `do:` in a timeline chooses from, by the tags of these classes."""
