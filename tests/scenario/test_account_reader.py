import aiohttp
import pytest

from mockwb.account import Account
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.errors import ServerGoneError, StartError
from tests.scenario.accounts import stored
from tests.scenario.fake_server import FakeServer

WINDOW = {
    "scope": "project",
    "key": "team/p",
    "limit": "requests",
    "amount": 60,
    "window_seconds": 5.0,
    "used": 3,
    "remaining": 57,
}


@pytest.fixture
async def server():
    async with FakeServer().running() as server:
        yield server


@pytest.fixture
async def reader(server):
    async with aiohttp.ClientSession() as session:
        yield AccountReader(session, server.url, ["team/q", "team/p", "team/p"], "abc")


async def test_it_asks_for_the_scenarios_projects_and_runs_only(server, reader):
    await reader.check()
    assert server.asked == [[("project", "team/p"), ("project", "team/q"), ("run", "abc-*")]]


async def test_requests_from_before_the_check_do_not_count(server, reader):
    server.account = Account(other_requests={"graphql": {"200": 5, "401": 1}})
    await reader.check()
    server.account = Account(
        runs=[stored()],
        other_requests={"graphql": {"200": 9, "401": 1}, "control": {"200": 7}},
        forgotten_runs=2,
    )
    account = await reader.read()
    assert account.other_requests == {"graphql": {"200": 4}}
    assert account.runs[0].rows_stored == 10
    assert account.forgotten_runs == 2


async def test_windows_stay_known_after_they_emptied(server, reader):
    server.windows = [WINDOW, {**WINDOW, "key": "somebody/else"}]
    await reader.check()
    await reader.read()
    server.windows = []
    await reader.read()
    assert [(w.name, w.key, w.amount) for w in reader.windows.values()] == [
        ("project.requests", "team/p", 60)
    ]


async def test_what_is_not_a_mockwb_server_cannot_be_started_against(server, reader):
    server.status = 404
    with pytest.raises(StartError, match=r"no mockwb server at http://127.*HTTP 404"):
        await reader.check()


async def test_a_server_that_vanishes_is_gone(server, reader):
    await reader.check()
    server.status = 500
    with pytest.raises(ServerGoneError, match="stopped answering"):
        await reader.read()
