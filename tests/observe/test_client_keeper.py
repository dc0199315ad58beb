import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from mockwb.client_account import ClientAccount, ClientAccounts
from mockwb.observe.client_keeper import ClientKeeper
from mockwb.record import RequestRecord
from mockwb.target import Caller, Surface
from tests.observe.records import asked, refused, streamed


async def core_version(_entity: str, _project: str, run: str) -> str:
    return "0.31.0" if run == "r1" else ""


def keeper(max_clients: int = 100, blamed: list[str | None] | None = None) -> ClientKeeper:
    on_premature = [].append if blamed is None else blamed.append
    return ClientKeeper(max_clients, sdk_version=core_version, on_premature=on_premature)


def asked_of(
    clients: ClientKeeper, projects: Sequence[str] = (), runs: Sequence[str] = ()
) -> list[ClientAccount]:
    return asyncio.run(clients.query(projects, runs)).clients


def sent_by(
    record: RequestRecord, user_agent: str = "wandb-core", writer: str = ""
) -> RequestRecord:
    return msgspec.structs.replace(record, user_agent=user_agent, writer=writer)


def test_given_requests_then_each_user_run_user_agent_and_endpoint_is_a_client_of_its_own() -> None:
    clients = keeper()
    for record in (
        sent_by(streamed()),
        sent_by(streamed()),
        sent_by(streamed("r2")),
        sent_by(streamed(), "naive/1"),
        sent_by(asked()),
    ):
        clients.saw(record)
    found = [(c.endpoint, c.run, c.user_agent, c.requests) for c in asked_of(clients)]
    assert found == [
        ("file_stream", "r1", "wandb-core", 2),
        ("file_stream", "r2", "wandb-core", 1),
        ("file_stream", "r1", "naive/1", 1),
        ("graphql", None, "wandb-core", 1),
    ]


def test_given_writers_in_shared_mode_then_one_is_not_blamed_for_the_other() -> None:
    clients = keeper()
    clients.saw(sent_by(refused(at=0.0, reset=10), writer="a"))
    clients.saw(sent_by(streamed(at=1.0), writer="b"))
    clients.saw(sent_by(streamed(at=10.0), writer="a"))
    found = {c.writer: (c.retries, c.premature_retries) for c in asked_of(clients)}
    assert found == {"a": (1, 0), "b": (0, 0)}


def test_given_a_premature_retry_then_its_project_is_told_once() -> None:
    blamed: list[str | None] = []
    clients = keeper(blamed=blamed)
    clients.saw(refused(at=0.0, reset=10))
    clients.saw(refused(at=1.0, reset=9))
    clients.saw(streamed(at=10.0))
    assert blamed == ["team/proj"]


@pytest.mark.parametrize(
    ("user_agent", "run", "expected"),
    [
        ("W&B Internal Client 0.16.6", "r2", "0.16.6"),
        ("W&B Public Client 0.31.0", "r2", "0.31.0"),
        ("W&B Internal Client 0.16.6.dev1", "r1", "0.16.6.dev1"),
        ("wandb-core", "r1", "0.31.0"),
        ("wandb-core", "r2", None),
        ("python-requests/2.31.0", "r1", "0.31.0"),
        ("curl/8.0", "r1", None),
    ],
)
def test_given_a_user_agent_without_a_version_then_the_runs_config_says_it(
    user_agent: str, run: str, expected: str | None
) -> None:
    clients = keeper()
    clients.saw(sent_by(streamed(run), user_agent))
    assert [c.sdk_version for c in asked_of(clients)] == [expected]


def test_given_a_request_without_a_user_then_the_address_tells_clients_apart() -> None:
    clients = keeper()
    for address in ("10.0.0.1", "10.0.0.2"):
        record = asked(status=401)
        record.caller = Caller(None, address)
        clients.saw(record)
    assert [(c.user, c.ip) for c in asked_of(clients)] == [(None, "10.0.0.1"), (None, "10.0.0.2")]


@pytest.mark.parametrize(
    ("projects", "runs", "expected"),
    [
        ([], [], ["a", "b", "a", None]),
        (["team/p1"], [], ["a", "b"]),
        (["team/*"], ["a"], ["a", "a"]),
        ([], ["*"], ["a", "b", "a"]),
        (["*"], [], ["a", "b", "a"]),
        (["other/*"], [], []),
    ],
)
def test_given_globs_then_clients_of_those_projects_and_runs_match(
    projects: list[str], runs: list[str], expected: list[str | None]
) -> None:
    clients = keeper()
    clients.saw(streamed("a", project="p1"))
    clients.saw(streamed("b", project="p1"))
    clients.saw(streamed("a", project="p2"))
    clients.saw(asked())
    assert [c.run for c in asked_of(clients, projects, runs)] == expected


def test_given_more_clients_than_kept_then_silent_ones_are_forgotten_and_counted() -> None:
    clients = keeper(max_clients=2)
    for run in ("a", "b", "a", "c", "c", "a", "d"):
        clients.saw(streamed(run))
    account = asyncio.run(clients.query())
    assert len(account.clients) == 2
    assert {"d"} < {c.run for c in account.clients} < {"a", "c", "d"}
    assert account.forgotten_clients == 2


def test_given_clients_without_end_then_the_busy_one_is_kept() -> None:
    clients = keeper(max_clients=10)
    for number in range(1000):
        clients.saw(streamed("busy"))
        clients.saw(streamed(f"passing{number}"))
    account = asyncio.run(clients.query())
    assert len(account.clients) == 10
    assert {c.run: c.requests for c in account.clients}["busy"] == 1000
    assert account.forgotten_clients == 991


def test_given_requests_that_no_client_of_wandb_makes_then_they_are_no_clients() -> None:
    clients = keeper()
    for surface in (Surface.CONTROL, Surface.HEALTH, Surface.OTHER, Surface.TELEMETRY):
        clients.saw(asked(None, surface=surface))
    assert asked_of(clients) == []


def test_given_a_client_that_retried_then_its_account_survives_json() -> None:
    clients = keeper()
    clients.saw(refused(at=0.0, duration=0.5, reset=10))
    clients.saw(streamed(at=4.5))
    account = asyncio.run(clients.query())
    assert msgspec.json.decode(msgspec.json.encode(account), type=ClientAccounts) == account
    (client,) = account.clients
    assert (client.user, client.ip) == ("someone", None)
    assert client.least_patient is not None
    assert client.least_patient.share == 0.4
