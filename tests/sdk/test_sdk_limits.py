"""Every limit, met by real processes of the SDK and its public API: they wait, and lose nothing."""

import json
import urllib.request
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import KEY, USER, Sdk, serving

pytestmark = pytest.mark.sdk

REFUSED = "429"
"""What the SDK says of refusals, in its logs and to people."""
READER = "r" * 40
"""A key of the tests' own, so that looking takes nothing from the SDK's limits."""
AUTH = {"keys": [{"key": KEY, "user": USER}, {"key": READER, "user": "reader"}]}


def train(project: str, rows: int, pad: int = 0, every: float = 0.5, **settings: Any) -> Any:
    import time

    import wandb

    settings = {"x_file_stream_transmit_interval": 1, **settings}
    run = wandb.init(project=project, settings=wandb.Settings(**settings))
    for i in range(rows):
        run.log({"x": i, "pad": "a" * pad})
        time.sleep(every)  # noqa: TID251 -- a step of training
    run.finish()
    return run.path


def stored(sdk: Sdk, path: str) -> list[int]:
    """The `x` of each row of a run's history."""
    entity, project, run = path.split("/")
    query = """query Rows($entity: String, $project: String, $run: String!) {
        project(entityName: $entity, name: $project) { run(name: $run) { history } } }"""
    variables = {"entity": entity, "project": project, "run": run}
    request = urllib.request.Request(
        f"{sdk.url}/graphql",
        data=json.dumps({"query": query, "variables": variables}).encode(),
        headers={"Authorization": f"Bearer {READER}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        found = json.load(response)["data"]["project"]["run"]["history"]
    return [json.loads(row)["x"] for row in found]


def assert_whole(sdk: Sdk, path: str, rows: int) -> Any:
    """Everything that the run logged is there; its account."""
    account = sdk.account(path.rpartition("/")[2])
    assert stored(sdk, path) == list(range(rows))
    assert (account["rows_stored"], account["rows_changed"], account["gaps"]) == (rows, 0, [])
    assert account["state"] == "finished"
    return account


def assert_retried(sdk: Sdk, account: Any, endpoint: str, limit: str) -> Any:
    """`limit` alone refused some of the run's requests to `endpoint`; each of them came again.

    What the server says of the client that sent them.
    """
    refused = account["requests"][endpoint]["429"]
    assert account["refused"][limit] == refused
    (client,) = (
        client
        for client in sdk.ask(f"clients?run={account['run']}")["clients"]
        if client["endpoint"] == endpoint and client["user"] != "reader"
    )
    assert (client["refused"], client["retries"]) == (refused, refused)
    return client


def test_given_project_requests_then_its_runs_share_them(tmp_path: Path) -> None:
    limits = {"project": {"requests": "2/2s"}}
    with serving(limits=limits, auth=AUTH) as server, ExitStack() as stack:
        sdks = [Sdk(server.url, tmp_path / name) for name in ("a", "b")]
        started = [stack.enter_context(sdk.start(train, project="p", rows=5)) for sdk in sdks]
        paths = [process.result(REFUSED) for process in started]
        accounts = [assert_whole(sdks[0], path, rows=5) for path in paths]
        held_up = [account for account in accounts if account["refused"]]
        assert held_up
        for account in held_up:
            assert_retried(sdks[0], account, "file_stream", "project.requests")


def test_given_run_requests_then_each_run_has_its_own(tmp_path: Path) -> None:
    unlimited = {"match": "*/free/*", "requests": "unlimited"}
    limits = {"run": {"requests": "1/2s", "overrides": [unlimited]}}
    with serving(limits=limits, auth=AUTH) as server, ExitStack() as stack:
        sdk, free = (Sdk(server.url, tmp_path / name) for name in ("a", "b"))
        limited = stack.enter_context(sdk.start(train, project="limited", rows=5))
        assert assert_whole(sdk, free.run(train, project="free", rows=5), rows=5)["refused"] == {}
        account = assert_whole(sdk, limited.result(REFUSED), rows=5)
        assert_retried(sdk, account, "file_stream", "run.requests")


@pytest.mark.parametrize(
    ("gzip", "counted", "refused"),
    [(False, "wire", True), (True, "wire", False), (True, "decompressed", True)],
)
def test_given_project_bytes_then_those_on_the_wire_or_unpacked_count(
    tmp_path: Path, gzip: bool, counted: str, refused: bool
) -> None:
    settings: dict[str, Any] = {
        "limits": {"project": {"bytes": "20KB/2s"}, "bytes_counted": counted},
        "features": {"FILESTREAM_GZIP": gzip},
    }
    with serving(**settings, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path)
        how = {"rows": 5, "pad": 8000, "x_file_stream_no_gzip": not gzip}
        path = sdk.run(train, project="p", expected=REFUSED, **how)
        account = assert_whole(sdk, path, rows=5)
        if refused:
            assert_retried(sdk, account, "file_stream", "project.bytes")
        else:
            assert account["refused"] == {}


def test_given_run_creations_then_starts_wait_and_every_run_is_made(tmp_path: Path) -> None:
    limits = {"project": {"run_creations": "2/5s"}}
    with serving(limits=limits, auth=AUTH) as server, ExitStack() as stack:
        sdks = [Sdk(server.url, tmp_path / str(number)) for number in range(4)]
        started = [
            stack.enter_context(sdk.start(train, project="p", rows=2, every=0)) for sdk in sdks
        ]
        paths = [process.result(REFUSED) for process in started]
        accounts = [assert_whole(sdks[0], path, rows=2) for path in paths]
        held_up = [account for account in accounts if account["refused"]]
        assert held_up
        for account in held_up:
            client = assert_retried(sdks[0], account, "graphql", "project.run_creations")
            assert client["premature_retries"] == 0


def assert_waited(sdk: Sdk, limit: str, status: int = 200) -> None:
    """`limit` refused GraphQL requests, and nothing else did; each came again, when it was told to.

    In the end they were answered with `status`.
    """
    account = sdk.ask("account")
    answers = Counter(account["other_requests"]["graphql"])
    refused = Counter(account["other_refused"])
    for run in account["runs"]:
        answers.update(run["requests"]["graphql"])
        refused.update(run["refused"])
    assert refused == {limit: answers["429"]}
    assert answers[str(status)] > 0
    clients = [c for c in sdk.ask("clients")["clients"] if c["endpoint"] == "graphql"]
    assert sum(client["retries"] for client in clients) == answers["429"]
    assert sum(client["premature_retries"] for client in clients) == 0


def page(project: str, runs: int) -> Any:
    import wandb

    api = wandb.Api()
    made = [api.create_run(project=project).id for _ in range(runs)]
    found = [run.id for run in api.runs(project, per_page=1)]
    return sorted(found) == sorted(made)


def test_given_user_requests_then_the_public_api_waits_as_told(tmp_path: Path) -> None:
    limits = {"user": {"requests": "10/3s"}}
    with serving(limits=limits, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path)
        assert sdk.run(page, project="p", runs=6, expected=REFUSED)
        assert_waited(sdk, "user.requests")


def log_in(attempts: int) -> Any:
    import wandb

    said = []
    for _ in range(attempts):
        try:
            wandb.login(verify=True)
        except wandb.errors.AuthenticationError as error:
            said.append(str(error))
    return said


def test_given_ip_requests_then_a_wrong_key_is_told_so_after_waits(tmp_path: Path) -> None:
    limits = {"ip": {"requests": "1/2s"}}
    with serving(limits=limits, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path)
        process = sdk.start(log_in, attempts=3, env={"WANDB_API_KEY": "f" * 40})
        said = process.result(".")
        assert len(said) == 3
        assert all("user is not logged in" in message for message in said), said
        assert_waited(sdk, "ip.requests", 401)


def read(project: str, times: int) -> Any:
    import wandb

    api = wandb.Api()
    for _ in range(times):
        (run,) = api.runs(project)
        rows = [row["x"] for row in run.scan_history(page_size=10)]
    return rows


def test_given_query_time_then_listing_is_refused_and_goes_on(tmp_path: Path) -> None:
    limits = {"project": {"query_time": "150ms/3s"}}
    with serving(limits=limits, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path)
        assert_whole(sdk, sdk.run(train, project="p", rows=30, every=0), rows=30)
        assert sdk.run(read, project="p", times=2, expected=REFUSED) == list(range(30))
        assert_waited(sdk, "project.query_time")


def save(project: str, files: int, size: int) -> Any:
    import pathlib

    import wandb

    run = wandb.init(project=project)
    for i in range(files):
        run.log({"x": i})
        pathlib.Path(run.dir, f"{i}.bin").write_bytes(bytes([i]) * size)
        run.save(f"{run.dir}/{i}.bin", base_path=run.dir)
    run.finish()
    return run.path


def fetch(path: str, files: int, size: int) -> Any:
    import pathlib

    import wandb

    run = wandb.Api().run(path)
    for i in range(files):
        run.file(f"{i}.bin").download(root="got").close()
    return [pathlib.Path("got", f"{i}.bin").read_bytes() == bytes([i]) * size for i in range(files)]


@pytest.mark.parametrize("limit", ["storage_requests: 6/2s", "storage_bytes: 375KB/2s"])
def test_given_a_storage_limit_then_files_go_up_and_down_whole(tmp_path: Path, limit: str) -> None:
    name, rate = limit.split(": ")
    with serving(limits={"project": {name: rate}}, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path)
        what = {"files": 7, "size": 60_000}
        path = sdk.run(save, project="p", expected=REFUSED, **what)
        account = assert_whole(sdk, path, rows=7)
        assert_retried(sdk, account, "storage", f"project.{name}")
        assert all(sdk.run(fetch, path=path, expected=REFUSED, **what))
        assert (
            sdk.account(account["run"])["refused"][f"project.{name}"]
            > (account["refused"][f"project.{name}"])
        )
