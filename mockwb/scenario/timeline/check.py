"""Sees, before anything runs, that the events of a timeline can come to pass. `load` calls it."""

import difflib
from collections.abc import Iterable, Sequence

from mockwb.clock import VirtualClock
from mockwb.config.load import plan_limits
from mockwb.faults.faults import Faults, TakenNameError
from mockwb.faults.profiles import UnknownProfileError, profile_rules
from mockwb.faults.rule import FaultRule
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.timeline.faults import StartFault, StartProfile, StopFault
from mockwb.scenario.timeline.limits import ChangeLimits
from mockwb.scenario.timeline.outages import Kill
from mockwb.scenario.timeline.schedule import Step, schedule
from mockwb.yaml_file import FileError


class EventError(ValueError):
    """An event cannot come to pass; the message says why."""

    def __init__(self, number: int, key: str, problem: str) -> None:
        """The `key` of event `number` (from 0) is wrong."""
        super().__init__(problem)
        self.path: tuple[str | int, ...] = ("timeline", number, key)


def check_timeline(timeline: Sequence[TimelineEvent], at_start: Iterable[FaultRule]) -> None:
    """EventError for a plan, profile or fault that will not be there, or is there already.

    `at_start` are the faults that the server starts with.
    """
    at_start = list(at_start)
    faults = Faults(VirtualClock(), rules=at_start)
    for step in schedule(timeline):
        if isinstance(step.event, Kill):
            faults.replace(at_start)
        else:
            _check(step, faults)


def _check(step: Step, faults: Faults) -> None:
    event, number = step.event, step.number
    if isinstance(event, ChangeLimits) and event.plan is not None:
        try:
            plan_limits(event.plan)
        except FileError as error:
            raise EventError(number, "plan", str(error).removeprefix("plan: ")) from error
    elif isinstance(event, StartProfile):
        try:
            faults.replace(profile_rules(event.profile))
        except UnknownProfileError as error:
            raise EventError(number, "profile", str(error)) from error
    elif isinstance(event, StartFault):
        try:
            faults.add(event.fault)
        except TakenNameError as error:
            raise EventError(number, "fault", f"{error}: stop that one first") from error
    elif isinstance(event, StopFault):
        _stop(step, event.name, faults)


def _stop(step: Step, name: str | None, faults: Faults) -> None:
    in_force = [state.name for state in faults.states]
    if name is None:
        faults.replace([])
    elif not faults.remove(name) and not step.implied:
        near = difflib.get_close_matches(name, in_force, n=1)
        hint = f"did you mean {near[0]}?" if near else f"in force: {', '.join(in_force) or 'none'}"
        raise EventError(step.number, "name", f"no fault called {name!r} at that time; {hint}")
