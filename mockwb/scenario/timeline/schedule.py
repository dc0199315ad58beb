"""A timeline in the order in which it is played. Called by whoever plays it.

Faults that last for a time become a start and a stop, and all of them have names.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.timeline.faults import StartFault, StopFault
from mockwb.units import Duration


class Step(NamedTuple):
    """One thing to do."""

    event: TimelineEvent
    number: int
    """Of the event in the scenario's timeline, from 0."""
    implied: bool
    """Whether it is the end of a fault's `for`: all the same if the fault is gone already."""


def schedule(timeline: Sequence[TimelineEvent]) -> list[Step]:
    """All steps by their `at`; at the same time what ends by itself comes first."""
    steps = [step for number, event in enumerate(timeline) for step in _steps(event, number)]
    return sorted(steps, key=lambda step: (step.event.at, not step.implied))


def _steps(event: TimelineEvent, number: int) -> Iterator[Step]:
    if not isinstance(event, StartFault):
        yield Step(event, number, False)
        return
    fault = msgspec.structs.replace(event.fault, name=event.name)
    yield Step(msgspec.structs.replace(event, fault=fault), number, False)
    if event.duration is not None:
        yield Step(StopFault(at=Duration(event.at + event.duration), name=event.name), number, True)
