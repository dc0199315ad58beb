import asyncio

import pytest

from mockwb.clock import RealClock
from mockwb.wire.graphql.eager import at_once


async def add(first: int, *, waits: int) -> int:
    for _ in range(waits):
        await RealClock().sleep(0)
    return first + 1


async def test_given_nothing_to_wait_for_then_the_result_is_there_at_once() -> None:
    assert at_once(3) == 3
    assert at_once(add(3, waits=0)) == 4


async def test_given_something_to_wait_for_then_the_rest_is_awaited() -> None:
    rest = at_once(add(3, waits=3))
    assert await asyncio.gather(rest, at_once(add(5, waits=2))) == [4, 6]


async def test_given_an_error_then_it_is_raised_where_it_happens() -> None:
    async def fail(waits: int) -> None:
        await add(0, waits=waits)
        raise ValueError("boom")

    with pytest.raises(ValueError, match="boom"):
        at_once(fail(0))
    rest = at_once(fail(1))
    with pytest.raises(ValueError, match="boom"):
        await rest


async def test_given_a_wait_that_is_cancelled_then_the_coroutine_hears_of_it() -> None:
    heard = []

    async def wait() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            heard.append("cancelled")
            raise

    task = asyncio.ensure_future(at_once(wait()))
    await RealClock().sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == ["cancelled"]
