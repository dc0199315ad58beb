import asyncio

import pytest

from mockwb.clock import VirtualClock
from mockwb.scenario.errors import ScenarioError, StartError
from mockwb.scenario.timeline.player import Player, check_place
from mockwb.scenario.timeline.server_control import RefusedEventError, UnreachableError
from tests.scenario.timeline.events import OUTAGE, event


class Stage:
    """A server that notes what is done to it, and when."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.done: list[tuple[float, str]] = []
        self.answers: list[Exception] = []
        """Raised by the next acts, in order."""
        self.heard: list[tuple[float, str]] = []

    def told(self, happened) -> None:
        self.heard.append((self._clock.now(), happened.do))

    async def act(self, event) -> None:
        if self.answers:
            raise self.answers.pop(0)
        self.done.append((self._clock.now(), event.text))

    async def restart(self, down: float) -> None:
        self.done.append((self._clock.now(), "closed"))
        await self._clock.sleep(down)
        self.done.append((self._clock.now(), "open"))

    kill = restart


@pytest.fixture
def stage(clock) -> Stage:
    return Stage(clock)


async def play(stage, clock, timeline, *, end_at: float | None = None, until: float = 600):
    player = Player(timeline, stage, stage, clock, stage.told)
    playing = asyncio.create_task(player.play())
    for second in range(round(until)):
        if playing.done():
            break
        if second == end_at:
            player.end()
        await clock.advance(1)
    await playing
    return [(round(h.seconds, 2), h.do) for h in player.happened]


async def test_given_events_then_each_comes_at_its_time_and_is_noted(stage, clock) -> None:
    timeline = [event("thaw", "2m"), event("start_fault", "30s", fault=OUTAGE, for_="1m")]
    happened = await play(stage, clock, timeline)
    assert happened == [(30, "start_fault"), (90, "stop_fault"), (120, "thaw")]
    assert [at for at, _ in stage.done] == [30, 90, 120]


async def test_given_a_restart_then_what_comes_meanwhile_waits_for_the_server(stage, clock) -> None:
    timeline = [event("restart", "10s", down="20s"), event("thaw", "15s")]
    assert await play(stage, clock, timeline) == [(10, "restart"), (30, "thaw")]
    assert stage.heard == [(10, "restart"), (30, "thaw")]
    assert stage.done == [(10, "closed"), (30, "open"), (30, "thawed")]


async def test_given_a_closed_port_then_the_event_is_tried_again(stage, clock) -> None:
    stage.answers = [UnreachableError("closed"), UnreachableError("closed")]
    assert await play(stage, clock, [event("thaw", "5s")]) == [(5.5, "thaw")]
    assert stage.done == [(5.5, "thawed")]


async def test_given_the_end_then_no_more_is_played_but_a_restart_is_finished(stage, clock) -> None:
    timeline = [event("restart", "10s", down="20s"), event("thaw", "40s")]
    assert await play(stage, clock, timeline, end_at=12) == [(10, "restart")]
    assert stage.done == [(10, "closed"), (30, "open")]


async def test_given_the_end_while_nobody_listens_then_the_player_gives_up(stage, clock) -> None:
    stage.answers = [UnreachableError("closed")] * 1000
    assert await play(stage, clock, [event("thaw", "5s")], end_at=9) == []


async def test_given_a_refusal_then_the_scenario_ends_with_the_event_named(stage, clock) -> None:
    stage.answers = [RefusedEventError(409, "there is one already")]
    with pytest.raises(ScenarioError, match=r"timeline\[0\]: start_fault: there is one already"):
        await play(stage, clock, [event("start_fault", fault=OUTAGE)])


async def test_given_a_fault_that_was_stopped_before_its_time_then_its_end_is_no_event(
    stage, clock
) -> None:
    class Forgetful(Stage):
        async def act(self, event) -> None:
            if self._clock.now() == 6:
                raise RefusedEventError(404, "no such fault")

    timeline = [event("start_fault", "1s", fault=OUTAGE, for_="5s"), event("stop_fault", "3s")]
    happened = await play(Forgetful(clock), clock, timeline)
    assert happened == [(1, "start_fault"), (3, "stop_fault")]


@pytest.mark.parametrize("do", ["kill", "restart"])
def test_given_somebody_elses_server_then_it_is_not_killed(do) -> None:
    with pytest.raises(StartError, match=rf"timeline\[1\]: {do}: only a server that the scenario"):
        check_place([event("thaw"), event(do)], None)
