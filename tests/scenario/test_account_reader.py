import aiohttp
import pytest

from mockwb.account import Account, RunAccount
from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.guidance import Finding, Guidance
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
    server.account = Account(
        other_requests={"graphql": {"200": 5, "401": 1}},
        other_refused={"user.requests": 2, "ip.requests": 1},
    )
    await reader.check()
    server.account = Account(
        runs=[stored()],
        other_requests={"graphql": {"200": 9, "401": 1}, "control": {"200": 7}},
        other_refused={"user.requests": 5, "ip.requests": 1},
        forgotten_runs=2,
    )
    account = await reader.read()
    assert account.other_requests == {"graphql": {"200": 4}}
    assert account.other_refused == {"user.requests": 3}
    assert account.runs[0].rows_stored == 10
    assert account.forgotten_runs == 2


async def test_windows_stay_known_after_they_emptied(server, reader):
    server.windows = [WINDOW, {**WINDOW, "key": "somebody/else"}]
    await reader.check()
    await reader.read()
    server.windows = []
    await reader.read()
    assert [(w.name, w.key, w.amount) for w in reader.windows_of([])] == [
        ("project.requests", "team/p", 60)
    ]


async def test_windows_of_all_lengths_and_of_the_scenarios_runs_and_callers_are_known(
    server, reader
):
    run = {**WINDOW, "scope": "run", "key": "team/p/abc-w-0"}
    server.windows = [
        WINDOW,
        {**WINDOW, "window_seconds": 60.0, "amount": 500},
        run,
        {**run, "key": "team/p/other-w-0"},
        {**run, "key": "team/p/abc-w-0/x"},
        {**WINDOW, "scope": "user", "key": "ada"},
        {**WINDOW, "scope": "user", "key": "eve"},
        {**WINDOW, "scope": "ip", "key": "10.0.0.1"},
    ]
    await reader.check()
    await reader.read()
    clients = [ClientAccount(endpoint="graphql", user="ada")]
    assert [(w.name, w.key, w.amount) for w in reader.windows_of(clients)] == [
        ("project.requests", "team/p", 60),
        ("project.requests", "team/p", 500),
        ("run.requests", "team/p/abc-w-0", 60),
        ("user.requests", "ada", 60),
    ]


async def test_it_asks_how_the_clients_of_its_runs_behaved(server, reader):
    server.clients = ClientAccounts(clients=[ClientAccount(endpoint="graphql", retries=3)])
    await reader.check()
    (client,) = await reader.read_clients()
    assert client.retries == 3
    assert server.asked[0] == server.asked[1]
    server.status = 500
    with pytest.raises(ServerGoneError, match="stopped answering"):
        await reader.read_clients()


async def test_what_is_not_a_mockwb_server_cannot_be_started_against(server, reader):
    server.status = 404
    with pytest.raises(StartError, match=r"no mockwb server at http://127.*HTTP 404"):
        await reader.check()


async def test_a_server_that_vanishes_is_gone(server, reader):
    await reader.check()
    server.status = 500
    with pytest.raises(ServerGoneError, match="stopped answering"):
        await reader.read()


@pytest.mark.parametrize(
    ("token", "told"), [(None, "admin token"), ("wrong", "MOCKWB_CONTROL__ADMIN_TOKEN")]
)
async def test_a_server_with_an_admin_token_is_read_with_it_only(serve, token, told):
    client = await serve(control={"admin_token": "open-sesame"})
    known = AccountReader(client.session, client.url, ["team/p"], "abc", "open-sesame")
    await known.check()
    assert (await known.read()).runs == []
    unknown = AccountReader(client.session, client.url, ["team/p"], "abc", token)
    with pytest.raises(StartError, match=told):
        await unknown.check()


async def test_runs_that_carry_a_mark_are_the_scenarios_whatever_their_name(server):
    async with aiohttp.ClientSession() as session:
        reader = AccountReader(session, server.url, ["team/p"], "abc", marked=True)
        await reader.check()
        server.marked = Account(runs=[RunAccount(entity="team", project="q", run="zebra")])
        server.clients = ClientAccounts(
            clients=[
                ClientAccount(endpoint="graphql", entity="team", project=project, run="zebra")
                for project in ("q", "r")
            ]
        )
        server.windows = [{**WINDOW, "key": key} for key in ("team/q", "team/q/zebra", "team/r")]
        server.asked.clear()
        account = await reader.read()
        assert [run.run for run in account.runs] == ["zebra"]
        assert server.asked[1] == [("host", "abc-*")]
        assert {window.key for window in reader.windows_of([])} == {"team/q", "team/q/zebra"}


def finding(name: str, **place) -> Finding:
    facts = {"measured": 2, "limit": 1, "unit": "x", "peak": 2, "since": 0, "advice": "less"}
    return Finding(range=name, **place, **facts)


async def test_it_asks_what_guidance_its_runs_left_and_nobody_else_or_earlier(server, reader):
    p, q = ({"entity": "team", "project": name} for name in ("p", "q"))
    known = finding("runs_per_project", **p)
    server.guidance = Guidance(findings=[known])
    await reader.check()
    ours = [
        finding("metrics_per_project", **p),
        finding("value_size", run="r1", **p),
        finding("api_requests_per_minute", user="ada"),
    ]
    others = [finding("value_size", run="r2", **p), finding("metrics_per_project", **q)]
    server.guidance = Guidance(findings=[known, *ours, *others])
    assert await reader.read_guidance(Account(runs=[stored("r1")])) == ours
    server.status = 500
    with pytest.raises(ServerGoneError, match="stopped answering"):
        await reader.read_guidance(Account())


async def test_thousands_of_marked_runs_are_asked_for_in_portions(server):
    names = [f"a-rather-long-name-of-a-run-{n}" for n in range(1000)]
    async with aiohttp.ClientSession() as session:
        reader = AccountReader(session, server.url, ["team/p"], "abc", marked=True)
        await reader.check()
        server.marked = Account(
            runs=[RunAccount(entity="team", project="q", run=name) for name in names]
        )
        await reader.read()
        server.asked.clear()
        await reader.read_clients()
    asked = [value for query in server.asked[1:] for key, value in query if key == "run"]
    assert asked == names
