"""Plays a timeline against a server while the workloads run. `runner` calls it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from mockwb.clock import Clock
from mockwb.scenario.errors import ScenarioError, StartError
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.scenario.timeline.outages import Kill, Restart
from mockwb.scenario.timeline.schedule import Step, schedule
from mockwb.scenario.timeline.server_control import (
    RefusedEventError,
    ServerControl,
    UnreachableError,
)

_AGAIN = 0.25
"""Seconds between two attempts to reach a server whose port is closed."""
_NOT_FOUND = 404


class OwnServer(Protocol):
    """A server that the scenario started, and may do to as it likes."""

    async def restart(self, down: float) -> None:
        """Let nobody in for `down` seconds; returns when it is back, with all that it stored."""

    async def kill(self, down: float) -> None:
        """Likewise, but what it stored is gone."""

    async def lost(self) -> str:
        """Return why, as soon as it has ended by itself, for good."""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event that came to pass."""

    seconds: float
    """Since the workloads started, when it was done, or began for those that take time."""
    do: str
    """What, as the timeline calls it."""
    text: str
    """The same for people."""


def check_place(timeline: Sequence[TimelineEvent], server: OwnServer | None) -> None:
    """StartError for events that need a server of the scenario's own, if it is not."""
    for number, event in enumerate(timeline):
        if isinstance(event, Kill | Restart) and server is None:
            raise StartError(
                f"timeline[{number}]: {_do(event)}: only a server that the scenario starts itself "
                "can do that; leave out --url",
                *("timeline", number, "do"),
            )


class Player:
    """One timeline and the server that it befalls."""

    def __init__(
        self,
        timeline: Sequence[TimelineEvent],
        control: ServerControl,
        server: OwnServer | None,
        clock: Clock,
        tell: Callable[[Happened], None] = lambda happened: None,
    ) -> None:
        """Events that need the process are done by `server`, all others by `control`.

        `tell` hears of each at once: of an outage when it begins, of the others when they are done.
        """
        self._steps = schedule(timeline)
        self._control = control
        self._server = server
        self._clock = clock
        self._tell = tell
        self._ended = asyncio.Event()
        self.happened: list[Happened] = []
        """In order."""

    async def play(self) -> None:
        """Play from now on, one event after the other, until the last one or `end`.

        An event that finds the server closed waits until it is back. ScenarioError if the server
        refuses one.
        """
        start = self._clock.now()
        for step in self._steps:
            event = step.event
            await self._pause(start + event.at - self._clock.now())
            if self._ended.is_set():
                return
            if isinstance(event, Kill | Restart):
                self._note(event, start)
                await self._outage(event)
            elif await self._change(step):
                self._note(event, start)

    def end(self) -> None:
        """Play no more; what has begun still ends, so that a closed server comes back."""
        self._ended.set()

    def _note(self, event: TimelineEvent, start: float) -> None:
        seconds = self._clock.now() - start
        happened = Happened(seconds=seconds, do=_do(event), text=event.text)
        self.happened.append(happened)
        self._tell(happened)

    async def _outage(self, event: Kill | Restart) -> None:
        assert self._server is not None, "check_place has seen to it"
        outage = self._server.kill if isinstance(event, Kill) else self._server.restart
        await outage(event.down)

    async def _change(self, step: Step) -> bool:
        """Whether it was done: not if time was up before, or a fault was gone already."""
        event = step.event
        while not self._ended.is_set():
            try:
                await self._control.act(event)
            except UnreachableError:
                await self._pause(_AGAIN)
            except RefusedEventError as refused:
                if step.implied and refused.status == _NOT_FOUND:
                    return False
                raise ScenarioError(f"timeline[{step.number}]: {_do(event)}: {refused}") from None
            else:
                return True
        return False

    async def _pause(self, seconds: float) -> None:
        """Wait for a time, or for `end`."""
        if seconds <= 0:
            return
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({pause, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (pause, ended):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _do(event: TimelineEvent) -> str:
    return str(event.__struct_config__.tag)
