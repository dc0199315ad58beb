from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import RawTestServer, TestClient

from mockwb import __version__
from mockwb.account import Account
from mockwb.backend.blob_store import BlobStore
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from mockwb.config.model import JournalConfig
from mockwb.control.live_limits import LiveLimits
from mockwb.control.resources import control_resources
from mockwb.control.routes import add_control_routes
from mockwb.faults.faults import Faults
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.observe.account import AccountKeeper
from mockwb.observe.client_keeper import ClientKeeper
from mockwb.observe.guidance.watch import GuidanceWatch
from mockwb.observe.journal import Journal
from mockwb.observe.onlookers import Onlookers
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.wire.exchange import Exchange
from mockwb.wire.routes import Routes
from mockwb.yaml_file import convert
from tests.observe.records import asked, refused, streamed

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def accounts() -> AccountKeeper:
    """Two runs in one project, one in another, and a login."""

    async def state(_entity: str, _project: str, _run: str) -> str:
        return "running"

    async def gaps(_entity: str, _project: str, _run: str) -> list[tuple[str, int, int]]:
        return [("output.log", 1, 2)]

    async def host(_entity: str, project: str, _run: str) -> str:
        return {"p2": "gpu-7"}.get(project, "laptop")

    keeper = AccountKeeper(10, clock=VirtualClock(), run_state=state, open_gaps=gaps, run_host=host)
    for record in (streamed("a"), refused("b"), streamed("a", project="p2"), asked()):
        keeper.saw(record)
    return keeper


async def no_version(_entity: str, _project: str, _run: str) -> str:
    return ""


@pytest.fixture
async def client(accounts: AccountKeeper) -> AsyncIterator[Client]:
    rules = convert({"project": {"requests": "60/1m"}}, LimitRules)
    limiter = Limiter(rules, VirtualClock())
    stream = Target(Surface.FILE_STREAM, entity="team", project="proj", run="a")
    for _ in range(45):
        limiter.admit(stream, Caller("somebody"), Cost())
    routes = Routes(Exchange(VirtualClock(), Onlookers([])))
    live = LiveLimits(limiter, "unlimited")
    world = World(MemoryStore(BlobStore(100, 1000, None)), VirtualClock(), crash_after=300)
    clients = ClientKeeper(10, sdk_version=no_version, on_premature=print)
    faults = Faults(VirtualClock())
    journal = Journal(JournalConfig(), VirtualClock())
    guidance = GuidanceWatch({}, VirtualClock(), max_projects=10, max_runs=10)
    resources = control_resources(
        live,
        faults,
        accounts,
        clients,
        journal,
        world,
        guidance=guidance,
        token_needed=False,
    )
    add_control_routes(routes.add, resources, web.BaseRequest.read, None)
    async with TestClient(RawTestServer(routes.dispatch)) as started:
        yield started


async def account(client: Client, query: str) -> Account:
    answer = await client.get(f"/_mockwb/account{query}")
    assert (answer.status, answer.content_type) == (200, "application/json")
    return msgspec.json.decode(await answer.read(), type=Account)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [("proj", "a"), ("proj", "b"), ("p2", "a")]),
        ("?project=team/proj", [("proj", "a"), ("proj", "b")]),
        ("?project=team/p2&project=team/proj&run=a", [("proj", "a"), ("p2", "a")]),
        ("?project=*/p*&run=a&run=nothing", [("proj", "a"), ("p2", "a")]),
        ("?run=zzz", []),
        ("?host=gpu-*", [("p2", "a")]),
        ("?host=gpu-*&run=b", []),
    ],
)
async def test_given_a_query_then_the_account_holds_the_runs_that_match(
    client: Client, query: str, expected: list[tuple[str, str]]
) -> None:
    found = await account(client, query)
    assert [(run.project, run.run) for run in found.runs] == expected
    assert found.other_requests == {"graphql": {"200": 1}}


async def test_given_a_run_then_its_account_has_state_refusals_and_gaps(client: Client) -> None:
    (run,) = (await account(client, "?run=b")).runs
    assert run.state == "running"
    assert run.refused == {"project.requests": 1}
    assert run.gaps == [("output.log", 1, 2)]


async def test_given_windows_then_limits_tells_what_is_used_and_what_remains(
    client: Client,
) -> None:
    answer = await client.get("/_mockwb/limits")
    assert await answer.json() == {
        "windows": [
            {
                "scope": "project",
                "key": "team/proj",
                "limit": "requests",
                "amount": 60,
                "window_seconds": 60.0,
                "used": 45,
                "remaining": 15,
                "kind": "rolling",
                "reset_seconds": pytest.approx(60, rel=0.01),
            }
        ]
    }


async def test_given_the_index_then_it_names_version_and_plan_and_its_own_links_work(
    client: Client,
) -> None:
    index = await (await client.get("/_mockwb/")).json()
    assert (index["name"], index["version"], index["plan"]) == ("mockwb", __version__, "unlimited")
    own = [path for path in index["links"].values() if path.startswith("/_mockwb/")]
    assert {"/_mockwb/account", "/_mockwb/limits"} <= set(own)
    for path in own:
        assert (await client.get(path)).status in (200, 405)


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("account?project=noslash", "expected entity/project, as a glob, got 'noslash'"),
        ("account?project=a/b/c", "expected entity/project, as a glob, got 'a/b/c'"),
        ("account?project=/b", "expected entity/project, as a glob, got '/b'"),
        ("account?run=", "expected a run name"),
        ("account?projekt=a/b", "'projekt': expected project, run"),
        ("limits?project=a/b", "'project': expected scope, key"),
        ("?x=1", "'x': this path takes none"),
    ],
)
async def test_given_a_bad_query_then_the_error_names_it_and_what_was_expected(
    client: Client, path: str, says: str
) -> None:
    answer = await client.get(f"/_mockwb/{path}")
    body = await answer.json()
    assert answer.status == 400
    assert says in body["error"]
    assert body["errors"] == [{"message": body["error"]}]


@pytest.mark.parametrize("path", ["/_mockwb", "/_mockwb/nothing", "/_mockwb/account/x"])
async def test_given_an_unknown_path_then_404_points_to_the_index(
    client: Client, path: str
) -> None:
    answer = await client.get(path)
    assert answer.status == 404
    assert "/_mockwb/ lists" in (await answer.json())["errors"][0]["message"]


async def test_given_a_wrong_method_then_405_says_which_is_right(client: Client) -> None:
    answer = await client.post("/_mockwb/account")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert "only GET" in (await answer.json())["error"]
    assert (await client.head("/_mockwb/account")).status == 200
