"""Plays a scenario's timeline against a simulated server. `play` sets it up."""

from collections.abc import Sequence

from mockwb.config.load import plan_limits
from mockwb.faults.profiles import profile_rules
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.timeline.faults import StartFault, StartProfile, StopFault
from mockwb.scenario.timeline.freeze import Freeze, Thaw
from mockwb.scenario.timeline.limits import ChangeLimits
from mockwb.scenario.timeline.outages import Kill, Restart
from mockwb.scenario.timeline.player import Happened
from mockwb.scenario.timeline.schedule import schedule
from mockwb.simulate.engine import Engine
from mockwb.simulate.server import SimulatedServer


class SimulatedTimeline:
    """One event after the other; one that finds the server down waits until it is back."""

    def __init__(
        self, timeline: Sequence[TimelineEvent], engine: Engine, server: SimulatedServer
    ) -> None:
        """Let `engine` call when the next event is due."""
        self._steps = schedule(timeline)
        self._engine = engine
        self._server = server
        self.happened: list[Happened] = []
        """In order."""
        if self._steps:
            engine.at(self._steps[0].event.at, self._next, 0)

    def _next(self, number: int, now: float) -> None:
        if now < self._server.down_until:
            self._engine.at(self._server.down_until, self._next, number)
            return
        event = self._steps[number].event
        if self._do(event, now):
            do = str(event.__struct_config__.tag)
            self.happened.append(Happened(seconds=now, do=do, text=event.text))
        if number + 1 < len(self._steps):
            self._engine.at(max(now, self._steps[number + 1].event.at), self._next, number + 1)

    def _do(self, event: TimelineEvent, now: float) -> bool:
        """Whether there was anything to do: a fault whose time is over may be gone already."""
        server = self._server
        match event:
            case ChangeLimits():
                rules = server.limiter.rules if event.plan is None else plan_limits(event.plan)
                rules = rules if event.limits is None else event.limits.over(rules)
                server.limiter.replace(rules)
            case StartFault():
                server.faults.add(event.fault)
            case StartProfile():
                server.faults.replace(profile_rules(event.profile))
            case StopFault(name=None):
                server.faults.replace([])
            case StopFault(name=str(name)):
                return server.faults.remove(name)
            case Freeze():
                server.limiter.start_freeze(event.duration, event.reset)
            case Thaw():
                server.limiter.release()
            case Restart():
                server.refuse(now + event.down)
            case Kill():
                server.refuse(now + event.down)
                server.forget()
                self._engine.at(now + event.down, self._come_back, None)
            case _:
                raise NotImplementedError(f"nothing to simulate for {type(event).__name__}")
        return True

    def _come_back(self, _: object, now: float) -> None:
        """A new server, with the faults that its configuration has."""
        self._server.start_faults()
