import asyncio
import io

import aiohttp
from rich.console import Console

from mockwb.account import Account
from mockwb.clock import VirtualClock
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.progress import describe, show_progress
from mockwb.scenario.workload import ProjectPath
from tests.scenario.accounts import stored
from tests.scenario.fake_server import FakeServer


def scenario() -> Scenario:
    workload = VirtualWorkload(name="w", project=ProjectPath("team", "p"), count=300, rows=10)
    return Scenario(name="s", workloads=[workload])


ACCOUNT = Account(
    runs=[
        stored("a", requests={"file_stream": {"200": 1000, "429": 30}, "graphql": {"200": 4}}),
        stored("b", state="running", finished_at=None, rows_stored=2),
    ]
)


def test_a_line_tells_time_clients_requests_refusals_and_rows():
    assert describe(scenario(), ACCOUNT, 65.9) == (
        "1:05  1 of 300 clients active, 1 done | 1,037 requests, 30 answered 429 | "
        "12 of 3,000 rows stored"
    )


async def test_without_a_terminal_there_is_a_line_every_few_seconds():
    out, clock = io.StringIO(), VirtualClock()
    async with FakeServer().running() as server, aiohttp.ClientSession() as session:
        server.account = ACCOUNT
        reader = AccountReader(session, server.url, ["team/p"], "x")
        console = Console(file=out, width=120)
        showing = asyncio.create_task(show_progress(scenario(), reader, console, clock))
        while out.getvalue().count("\n") < 3:
            await clock.advance(1)
            await asyncio.sleep(0.001)  # noqa: TID251 -- the server answers in real time
        showing.cancel()
    lines = out.getvalue().splitlines()
    assert all("12 of 3,000 rows stored" in line for line in lines)
    assert lines[1].split()[0] >= "0:05"


async def test_a_server_that_stops_answering_is_told_until_it_comes_back():
    out, clock = io.StringIO(), VirtualClock()
    async with FakeServer().running() as server, aiohttp.ClientSession() as session:
        server.account = ACCOUNT
        server.status = 500
        reader = AccountReader(session, server.url, ["team/p"], "x")
        console = Console(file=out, width=120)
        showing = asyncio.create_task(show_progress(scenario(), reader, console, clock))
        while "stored" not in out.getvalue():
            await clock.advance(1)
            await asyncio.sleep(0.001)  # noqa: TID251 -- the server answers in real time
            if out.getvalue():
                server.status = 200
        showing.cancel()
    assert "the server stopped answering: HTTP 500" in out.getvalue().splitlines()[0]
