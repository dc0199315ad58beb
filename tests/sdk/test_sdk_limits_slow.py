"""The tightest of limits, and a client from before Go: runs take their time, and lose nothing."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import Sdk, serving
from tests.sdk.environments import old_sdk_python
from tests.sdk.test_sdk_limits import (
    AUTH,
    REFUSED,
    assert_retried,
    assert_whole,
    train,
)

pytestmark = [pytest.mark.sdk, pytest.mark.slow]


def test_given_a_request_per_30_s_then_runs_finish_with_nothing_lost(tmp_path: Path) -> None:
    """Two servers at once: one leaves the SDK to its backoff, one sends Retry-After.

    The first run sends as often as the SDK does by default, and its end meets the limit. The
    second one's stream is held up midway, and again at its end.
    """
    cases = [("off", 15, 2), ("next", 3, 3)]
    with ExitStack() as stack:
        started = []
        for retry_after, interval, _ in cases:
            limits = {"run": {"requests": "1/30s"}, "retry_after": retry_after}
            server = stack.enter_context(serving(limits=limits, auth=AUTH))
            sdk = Sdk(server.url, tmp_path / retry_after)
            settings = {"x_file_stream_transmit_interval": interval}
            process = sdk.start(train, project="p", rows=8, **settings)
            started.append((sdk, stack.enter_context(process)))
        premature = []
        for (sdk, process), (_, _, least) in zip(started, cases, strict=True):
            account = assert_whole(sdk, process.result(REFUSED), rows=8)
            client = assert_retried(sdk, account, "file_stream", "run.requests")
            premature.append(client["premature_retries"])
            assert account["requests"]["file_stream"]["200"] >= least
    unadvised, advised = premature
    assert unadvised > 0
    assert advised == 0


LOGGED = f"{REFUSED}|[Rr]ate limit|[Rr]etry|Traceback|HTTPError|http_status"
"""What release 0.16 logs of refusals."""


def train_old(project: str, rows: int) -> Any:
    import wandb

    run = wandb.init(project=project)
    for i in range(rows):
        run.log({"x": i})
    run.finish()
    return run.path


def read_old(path: str, times: int) -> Any:
    import wandb

    project = path.rpartition("/")[0]
    for _ in range(times):
        (run,) = wandb.Api().runs(project)
        rows = [row["x"] for row in run.scan_history(page_size=5)]
    return rows


def test_given_the_old_sdk_then_its_runs_and_its_public_api_wait_too(tmp_path: Path) -> None:
    limits = {"project": {"requests": "1/2s"}, "user": {"requests": "5/2s"}}
    with serving(limits=limits, auth=AUTH) as server:
        sdk = Sdk(server.url, tmp_path, old_sdk_python("0.16.6"))
        path = sdk.run(train_old, project="p", rows=10, expected=LOGGED)
        account = assert_whole(sdk, path, rows=10)
        for endpoint, limit in (("file_stream", "project"), ("graphql", "user")):
            client = assert_retried(sdk, account, endpoint, f"{limit}.requests")
            assert client["sdk_version"] == "0.16.6"
        assert sdk.run(read_old, path=path, times=3, expected=LOGGED) == list(range(10))
        public = [c for c in sdk.ask("clients")["clients"] if "Public" in c["user_agent"]]
        assert sum(c["retries"] for c in public) == sum(c["refused"] for c in public) > 0
