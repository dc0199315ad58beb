"""The virtual clock wakes each sleeper at its own instant."""

import asyncio

import pytest

from mockwb.clock import RealClock, ShiftedClock, VirtualClock


async def test_given_sleepers_when_time_advances_then_each_wakes_at_its_instant() -> None:
    clock, woken = VirtualClock(), []

    async def sleeper(name: str, *spans: float) -> None:
        for span in spans:
            await clock.sleep(span)
            woken.append((name, clock.now()))

    tasks = [
        asyncio.create_task(sleeper("a", 3, 3)),
        asyncio.create_task(sleeper("b", 5)),
        asyncio.create_task(sleeper("c", 0, 100)),
    ]
    await clock.advance(10)
    assert woken == [("c", 0), ("a", 3), ("b", 5), ("a", 6)]
    assert clock.now() == 10
    await clock.advance(90)
    assert woken[-1] == ("c", 100)
    await asyncio.gather(*tasks)


async def test_given_a_cancelled_sleeper_then_time_goes_on() -> None:
    clock = VirtualClock()
    task = asyncio.create_task(clock.sleep(5))
    await clock.advance(1)
    task.cancel()
    await clock.advance(10)
    assert task.cancelled()


def test_given_virtual_time_then_the_wall_clock_goes_along() -> None:
    clock = VirtualClock(wall=1000.0)
    clock.set(7.5)
    assert clock.wall() == 1007.5


async def test_given_the_real_clock_then_it_moves_forward_by_itself() -> None:
    clock = RealClock()
    before = clock.now()
    await clock.sleep(0.01)
    assert clock.now() - before >= 0.009
    assert abs(clock.wall() - 1.78e9) < 1e9


async def test_given_a_shifted_clock_then_it_runs_ahead_and_wakes_who_is_due() -> None:
    clock = ShiftedClock()
    before, wall = clock.now(), clock.wall()
    due, later = (asyncio.create_task(clock.sleep(span)) for span in (1000, 5000))
    await clock.sleep(0)
    clock.advance(2000)
    await due
    assert not later.done()
    assert 2000 <= clock.now() - before < 5000
    assert 2000 <= clock.wall() - wall < 5000
    clock.advance(3000)
    await later
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(-1)


async def test_given_a_shifted_clock_that_nobody_advances_then_it_wakes_in_real_time() -> None:
    clock = ShiftedClock()
    before = clock.now()
    await clock.sleep(0.01)
    assert clock.now() - before >= 0.01
