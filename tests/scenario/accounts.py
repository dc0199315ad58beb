"""Small runs and clients that several tests here set against each other."""

from typing import Any

from mockwb.account import RunAccount
from mockwb.client_account import ClientAccount, RetryStep, Wait
from mockwb.scenario.client_result import ClientResult


def client(run: str = "r1", *, workload: str = "w", **fields: Any) -> ClientResult:
    """A client that ended well, unless `fields` say otherwise."""
    defaults: dict[str, Any] = {"rows": 10, "values": 20, "finish_seconds": 1.0, "exit_code": 0}
    return ClientResult(
        workload=workload, entity="team", project="p", run=run, **{**defaults, **fields}
    )


def stored(run: str = "r1", **fields: Any) -> RunAccount:
    """A run of which everything arrived, unless `fields` say otherwise."""
    defaults: dict[str, Any] = {
        "state": "finished",
        "rows_stored": 10,
        "values_stored": 20,
        "requests": {"file_stream": {"200": 3}},
        "finished_at": 5.0,
    }
    return RunAccount(entity="team", project="p", run=run, **{**defaults, **fields})


def hasty(run: str = "r1", **fields: Any) -> ClientAccount:
    """A client that retried twice, too early, unless `fields` say otherwise."""
    defaults: dict[str, Any] = {
        "endpoint": "file_stream",
        "requests": 5,
        "refused": 2,
        "retries": 2,
        "premature_retries": 2,
        "requests_while_remaining_zero": 3,
        "bytes_resent": 4000,
        "most_attempts": 3,
        "shortest_wait": 2.5,
        "median_wait": 2.5,
        "least_patient": Wait(waited=2.5, advised=10.0),
        "median_advised": 8.0,
        "backoff": [
            RetryStep(retries=1, median_wait=2.5),
            RetryStep(retries=1, median_wait=5.0),
        ],
    }
    return ClientAccount(entity="team", project="p", run=run, **{**defaults, **fields})
