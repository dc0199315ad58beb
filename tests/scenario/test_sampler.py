import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from mockwb.account import Account, Delivery
from mockwb.clock import VirtualClock
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.sampler import Sampler, pause_after
from mockwb.scenario.series import Sample, Waits
from tests.scenario.accounts import stored
from tests.scenario.fake_server import FakeServer


class Seen:
    """An onlooker that remembers."""

    def __init__(self) -> None:
        self.samples: list[Sample] = []
        self.errors: list[str] = []

    def saw(self, sample: Sample) -> None:
        self.samples.append(sample)

    def missed(self, at: float, error: str) -> None:
        self.errors.append(error)

    def happened(self, event) -> None:
        raise AssertionError("a sampler plays no events")


@asynccontextmanager
async def sampled():
    clock = VirtualClock()
    async with FakeServer().running() as server, aiohttp.ClientSession() as session:
        reader = AccountReader(session, server.url, ["team/p"], "x")
        yield server, clock, reader, Sampler(reader, clock, lambda: 40)


async def until(clock: VirtualClock, condition) -> None:
    while not condition():
        await clock.advance(0.5)
        await asyncio.sleep(0.001)  # noqa: TID251 -- the server answers in real time


async def test_a_sample_has_what_came_since_the_last_reading_and_how_things_stand():
    async with sampled() as (_, clock, _, sampler):
        running = {
            "state": "running",
            "waiting": True,
            "rows_stored": 5,
            "delivery": Delivery(rows_sent=9),
        }
        before = stored(
            "a", **running, requests={"file_stream": {"200": 2, "429": 1}}, bytes_in=100
        )
        await clock.advance(1)
        sampler.end(Account(runs=[before], other_requests={"graphql": {"200": 4}}))
        after = stored(
            "a",
            **running,
            requests={"file_stream": {"200": 2, "429": 4}},
            bytes_in=130,
            throttled_seconds=2.0,
        )
        await clock.advance(2)
        sampler.end(Account(runs=[after, stored("b")], other_requests={"graphql": {"200": 5}}))
        first, second = sampler.samples
        assert (first.at, first.requests) == (1, {"200": 6, "429": 1})
        assert second == Sample(
            at=3,
            seconds=2,
            active=1,
            waiting=1,
            requests={"200": 4, "429": 3},
            bytes_in=30,
            rows_logged=40,
            rows_sent=9,
            rows_stored=15,
            waits=Waits(p50=0, p95=2.0, max=2.0),
        )


async def test_a_server_that_began_anew_is_counted_from_zero():
    async with sampled() as (_, clock, _, sampler):
        await clock.advance(1)
        sampler.end(Account(runs=[stored(requests={"file_stream": {"200": 50}}, bytes_in=900)]))
        await clock.advance(1)
        sampler.end(Account(runs=[stored(requests={"file_stream": {"200": 2}}, bytes_in=30)]))
        sample = sampler.samples[-1]
        assert (sample.requests, sample.bytes_in) == ({"200": 2}, 30)


async def test_readings_go_on_and_what_limits_have_left_is_part_of_them():
    async with sampled() as (server, clock, reader, sampler):
        window = {"scope": "project", "key": "team/p", "limit": "requests", "window_seconds": 5}
        server.windows = [
            {**window, "amount": 60, "remaining": 45},
            {**window, "amount": 10, "remaining": 2, "window_seconds": 1},
            {**window, "amount": 10, "remaining": 0, "key": "somebody/else"},
        ]
        seen = Seen()
        watching = asyncio.create_task(sampler.watch(seen))
        await until(clock, lambda: len(seen.samples) >= 3)
        watching.cancel()
        assert seen.samples[-1].remaining == {"project.requests": 200}
        assert reader.remaining == {"project.requests": 200}


async def test_a_server_that_stops_answering_is_told_and_read_again_when_it_is_back():
    async with sampled() as (server, clock, _, sampler):
        server.status = 500
        seen = Seen()
        watching = asyncio.create_task(sampler.watch(seen))
        await until(clock, lambda: seen.errors)
        server.status = 200
        await until(clock, lambda: seen.samples)
        watching.cancel()
        assert "the server stopped answering: HTTP 500" in seen.errors[0]


@pytest.mark.parametrize(
    ("took", "pause"), [(0.0, 1.0), (0.01, 0.99), (0.1, 2.0), (0.5, 5.0), (1.0, 5.0), (3.0, 12.0)]
)
def test_the_longer_a_reading_takes_the_rarer_they_are(took, pause):
    assert pause_after(took) == pytest.approx(pause)
