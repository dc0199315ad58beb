"""Each kind of fault, met by the real SDK: what it does then, and what of the run arrives."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from tests.sdk.conftest import Sdk, serving

# One server and two processes for all of them.
pytestmark = [pytest.mark.sdk, pytest.mark.xdist_group("sdk_faults")]

ROWS = 20
DELAY = 1.0
"""Seconds, of whatever makes a run last longer."""
ADVISED = 3
"""Seconds of a wrong Retry-After; the runs' own retries wait one."""
UP = 2000
"""Bytes per second."""
STREAM = {"endpoint": "file_stream"}
CREATION = {"operation": "UpsertBucket"}
UPLOAD = {"endpoint": "storage"}

FAULTS: dict[str, list[dict[str, Any]]] = {
    "calm": [],
    "latency": [{"match": STREAM, "what": {"kind": "latency", "time": DELAY}}],
    "pages": [
        {
            "match": {**STREAM, "from_number": number},
            "when": {"first": 1},
            "what": {"kind": "status", "status": status},
        }
        for number, status in enumerate((502, 503, 504), 1)
    ],
    "forbidden": [
        {"match": STREAM, "when": {"first": 1}, "what": {"kind": "status", "status": 403}}
    ],
    "no-such-project": [{"match": CREATION, "what": {"kind": "status", "status": 404}}],
    "errors": [{"match": CREATION, "what": {"kind": "graphql_error", "message": "boom"}}],
    "conflict": [
        {"match": CREATION, "when": {"first": 1}, "what": {"kind": "status", "status": 409}}
    ],
    "reset-before": [{"match": STREAM, "when": {"first": 1}, "what": {"kind": "reset"}}],
    "reset-during": [
        {"match": UPLOAD, "when": {"first": 1}, "what": {"kind": "reset", "at": "during"}}
    ],
    "reset-after": [  # of each body the first attempt
        {"match": STREAM, "when": {"first": 1}, "what": {"kind": "reset", "at": "after"}},
        {
            "match": {**STREAM, "from_number": 2},
            "when": {"every_nth": 2},
            "what": {"kind": "reset", "at": "after"},
        },
    ],
    "stall": [{"match": STREAM, "when": {"first": 1}, "what": {"kind": "stall"}}],
    "truncated": [{"match": CREATION, "when": {"first": 1}, "what": {"kind": "truncate"}}],
    "corrupt": [{"match": CREATION, "when": {"first": 1}, "what": {"kind": "corrupt"}}],
    "corrupt-stream": [{"match": STREAM, "what": {"kind": "corrupt"}}],
    "slow-line": [{"match": STREAM, "what": {"kind": "bandwidth", "up": UP}}],
    "wrong-advice": [
        {"match": STREAM, "when": {"first": 1}, "what": {"kind": "status", "status": 429}},
        {"match": STREAM, "what": {"kind": "ratelimit_headers", "retry_after": str(ADVISED)}},
    ],
    "skewed": [{"what": {"kind": "clock_skew", "ahead": "30d"}}],
    "stopped": [{"match": STREAM, "what": {"kind": "stopped"}}],
    "refused": [{"match": STREAM, "when": {"first": 1}, "what": {"kind": "refuse", "time": DELAY}}],
}
"""By the run that they are for. The last one breaks connections of others too."""


def log_runs(runs: list[str], rows: int) -> Any:
    """Log a run after the other, and say how each began and ended."""
    import time

    import wandb

    settings = wandb.Settings(
        x_file_stream_transmit_interval=1,
        x_file_stream_retry_wait_min_seconds=1,
        x_file_stream_retry_wait_max_seconds=1,
        x_file_stream_timeout_seconds=5,
        x_file_transfer_retry_wait_min_seconds=1,
        x_file_transfer_retry_wait_max_seconds=1,
        x_graphql_retry_wait_min_seconds=1,
        x_graphql_retry_wait_max_seconds=1,
        x_disable_stats=True,
        console="off",
    )
    ended = {}
    for name in runs:
        saw = ended[name] = {"error": None, "interrupted": False}
        began = time.monotonic()  # noqa: TID251 -- a process of its own
        try:
            run = wandb.init(project="p", id=name, settings=settings)
        except Exception as error:
            saw["error"] = str(error)
            continue
        try:
            for i in range(rows):
                run.log({"x": i})
            if name == "stopped":
                time.sleep(60)  # noqa: TID251 -- a long training
        except KeyboardInterrupt:
            saw["interrupted"] = True
        run.finish()
        saw["seconds"] = time.monotonic() - began  # noqa: TID251
        if name == "skewed":
            saw["created_at"] = wandb.Api().run(run.path).created_at
    return ended


class Ended(NamedTuple):
    """A run, as its process and as the server saw it."""

    saw: Any
    account: Any
    output: str

    def requests(self, endpoint: str = "file_stream") -> dict[str, int]:
        found: dict[str, int] = self.account["requests"].get(endpoint, {})
        return found

    def assert_whole(self) -> None:
        assert self.saw["error"] is None
        assert (self.account["rows_stored"], self.account["gaps"]) == (ROWS, [])
        assert (self.account["rows_changed"], self.account["state"]) == (0, "finished")


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    with serving() as server:
        patient = Sdk(server.url, tmp_path_factory.mktemp("patient"))
        sdk = Sdk(server.url, tmp_path_factory.mktemp("others"))
        for run, rules in FAULTS.items():
            for number, rule in enumerate(rules):
                match = {**rule.get("match", {}), "run": run}
                named = {**rule, "name": f"{run}.{number}", "match": match}
                sdk.ask("faults", "POST", named)
        others = [name for name in FAULTS if name not in ("stopped", "refused")]
        with (
            patient.start(log_runs, runs=["stopped"], rows=ROWS) as waiting,
            sdk.start(log_runs, runs=others, rows=ROWS) as process,
        ):
            saw = process.result(".") | waiting.result(".")
            output = process.output
        saw |= sdk.run(log_runs, runs=["refused"], rows=ROWS, expected=".")
        yield {run: Ended(saw[run], sdk.account(run), output) for run in FAULTS}


def test_given_no_fault_then_the_run_arrives_at_once(ended: dict[str, Ended]) -> None:
    calm = ended["calm"]
    calm.assert_whole()
    assert calm.requests().keys() == {"200"}
    assert calm.account["faults"] == {}


def test_given_latency_then_the_run_takes_longer_and_arrives(ended: dict[str, Ended]) -> None:
    slow = ended["latency"]
    slow.assert_whole()
    assert slow.saw["seconds"] > DELAY * slow.account["faults"]["latency.0"]


def test_given_the_pages_of_a_proxy_then_the_same_chunk_comes_again(
    ended: dict[str, Ended],
) -> None:
    pages = ended["pages"]
    pages.assert_whole()
    assert [pages.requests()[status] for status in ("502", "503", "504")] == [1, 1, 1]


def test_given_a_403_then_the_stream_is_dead_and_the_script_goes_on(
    ended: dict[str, Ended],
) -> None:
    forbidden = ended["forbidden"]
    assert forbidden.saw["error"] is None
    assert forbidden.requests() == {"403": 1}
    assert (forbidden.account["rows_stored"], forbidden.account["state"]) == (0, "running")
    assert "Fatal error while uploading data" in forbidden.output


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("no-such-project", "not found"),
        ("errors", "boom"),
        ("truncated", "unexpected EOF"),
        ("corrupt", "invalid character"),
    ],
)
def test_given_a_creation_that_fails_for_good_then_init_raises_with_the_reason(
    ended: dict[str, Ended], run: str, message: str
) -> None:
    failed = ended[run]
    assert message in failed.saw["error"]
    assert failed.account["operations"] == {"UpsertBucket": 1}  # no retry


def test_given_a_conflict_on_creation_then_it_is_tried_again(ended: dict[str, Ended]) -> None:
    ended["conflict"].assert_whole()
    assert ended["conflict"].requests("graphql")["409"] == 1


def test_given_a_reset_before_the_body_then_it_comes_again(ended: dict[str, Ended]) -> None:
    reset = ended["reset-before"]
    reset.assert_whole()
    assert reset.requests()["0"] == 1


def test_given_a_reset_during_an_upload_then_the_file_comes_again(ended: dict[str, Ended]) -> None:
    reset, calm = ended["reset-during"], ended["calm"]
    reset.assert_whole()
    assert reset.requests("storage")["0"] == 1
    assert reset.requests("storage")["200"] == calm.requests("storage")["200"]


def test_given_resets_after_the_body_then_what_comes_again_is_stored_once(
    ended: dict[str, Ended],
) -> None:
    unanswered = ended["reset-after"]
    unanswered.assert_whole()
    assert unanswered.requests()["0"] == unanswered.requests()["200"]
    assert unanswered.account["rows_resent"] == ROWS


def test_given_silence_then_the_sdk_gives_up_by_itself_and_sends_again(
    ended: dict[str, Ended],
) -> None:
    stalled = ended["stall"]
    stalled.assert_whole()
    assert stalled.requests()["0"] == 1


def test_given_damaged_answers_of_file_stream_then_nobody_minds(ended: dict[str, Ended]) -> None:
    damaged = ended["corrupt-stream"]
    damaged.assert_whole()
    assert damaged.account["faults"]["corrupt-stream.0"] == sum(damaged.requests().values())


def test_given_a_slow_line_then_the_run_takes_as_long_as_its_bytes(
    ended: dict[str, Ended],
) -> None:
    slow = ended["slow-line"]
    slow.assert_whole()
    assert slow.saw["seconds"] > slow.account["bytes_streamed"] / UP


def test_given_a_429_with_a_wrong_retry_after_then_that_is_waited_for(
    ended: dict[str, Ended],
) -> None:
    advised = ended["wrong-advice"]
    advised.assert_whole()
    assert advised.requests()["429"] == 1
    assert advised.saw["seconds"] > ADVISED


def test_given_a_skewed_clock_then_the_run_arrives_and_is_read_back_with_a_wrong_date(
    ended: dict[str, Ended],
) -> None:
    skewed = ended["skewed"]
    skewed.assert_whole()
    assert skewed.account["faults"]["skewed.0"] > 2
    created = datetime.fromisoformat(skewed.saw["created_at"]).timestamp()
    ahead = created - skewed.account["first_request_at"]
    assert ahead == pytest.approx(timedelta(days=30).total_seconds(), abs=60)


def test_given_stopped_then_the_script_is_interrupted(ended: dict[str, Ended]) -> None:
    stopped = ended["stopped"]
    stopped.assert_whole()
    assert stopped.saw["interrupted"]


def test_given_refused_connections_then_the_run_goes_on_when_somebody_listens_again(
    ended: dict[str, Ended],
) -> None:
    refused = ended["refused"]
    refused.assert_whole()
    assert refused.requests()["0"] >= 1
    assert refused.saw["seconds"] > DELAY
