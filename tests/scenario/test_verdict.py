import msgspec
import pytest

from mockwb.account import Account, Delivery, DeliveryLag
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import Window
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.kinds.replay import ReplayWorkload
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.model import Scenario
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import tally
from mockwb.scenario.verdict import verdict
from mockwb.scenario.workload import ProjectPath
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.target import LIMITED
from mockwb.units import Duration
from tests.scenario.accounts import client, stored

REQUESTS = Window(scope="project", key="team/p", limit="requests", amount=120, window_seconds=5.0)
BYTES = Window(scope="project", key="team/p", limit="bytes", amount=10_000, window_seconds=10.0)
REFUSED = {"requests": {"file_stream": {"200": 9, "429": 3}}, "refused": {"project.requests": 3}}


def fleet(count: int = 240, interval: float = 5, rows: int = 100) -> VirtualWorkload:
    return VirtualWorkload(
        name="w",
        project=ProjectPath("team", "p"),
        count=count,
        rows=rows,
        every=Duration(0.5),
        settings=SdkSettings(x_file_stream_transmit_interval=interval),
    )


def say(clients: list, runs: list, *, ending="done", windows=(), workload=None, **also) -> str:
    workloads = workload if isinstance(workload, list) else [workload or fleet()]
    scenario = Scenario(name="s", workloads=workloads, timeout=Duration(90))
    account = Account(runs=runs)
    run = Run(ending, clients, account, list(windows), 0.0, 1.0, **also)
    return verdict(scenario, run, tally([w.name for w in workloads], clients, account))


def test_everything_delivered_without_a_limit():
    assert say([client()], [stored()]) == "all 10 rows delivered; no limit applied"


def test_rows_that_are_not_stored_as_they_were_logged_are_told_although_none_is_missing():
    clients, account = [client()], Account(runs=[stored()])
    run = Run("done", clients, account, [], 0.0, 1.0)
    content = {"w": ContentCheck(runs=9, different=["team/p/r1"])}
    scenario = Scenario(name="s", workloads=[fleet()])
    told = verdict(scenario, run, tally(["w"], clients, account, content=content))
    assert told.startswith("1 of 9 runs that were compared row by row are not stored as they were")


def test_what_a_server_stored_that_is_gone_is_not_claimed_to_be_known():
    also = {"behaved": None, "broken_by": "the server stopped answering"}
    text = say([client()], [stored(rows_stored=7)], ending="broken", **also)
    assert text.startswith(
        "the server stopped answering; 3 of 10 rows are not known to be stored; "
    )


def test_headroom_is_told_when_nothing_was_refused():
    text = say([client()], [stored(lowest_remaining=430)])
    assert text.endswith("nothing was refused: at most 57% of the tightest limit was in use")


def test_what_faults_did_is_told_with_the_wait_at_the_end():
    met = {"file_stream": {"200": 9, "503": 1200}, "graphql": {"500": 2, "503": 3, "429": 1}}
    unheard = client(finish_seconds=2.25, requests={"file_stream": {"error": 4}})
    assert say([unheard], [stored(requests={**met, "telemetry": {"404": 7}})]) == (
        "all 10 rows delivered; requests failed: 2 with 500, 1,203 with 503; requests without an "
        "answer: 4; no limit applied, and finish() took up to 2.2s"
    )


def test_rows_that_faults_made_late_are_told_but_not_those_of_past_runs():
    late = stored(
        requests={"file_stream": {"200": 9, "503": 4}},
        delivery=Delivery(lag=DeliveryLag(p50=7, p95=80, max=89)),
    )
    assert "with 503; rows came up to 1m29s late" in say([client()], [late])
    past = ReplayWorkload(name="w", project=ProjectPath("team", "p"), files=["a.wandb"])
    assert "late" not in say([client()], [late], workload=past)


def test_a_finish_that_took_no_time_is_not_told():
    assert say([client(finish_seconds=0.4)], [stored()]).endswith("no limit applied")


def test_what_was_beyond_guidance_is_named_once():
    finding = msgspec.convert(
        {
            "range": "value_size",
            "entity": "team",
            "limit": 1e6,
            "measured": 2e6,
            "peak": 2e6,
            "unit": "bytes",
            "since": 0,
            "advice": "Less.",
            "source": "",
        },
        Finding,
    )
    text = say([client()], [stored()], guidance=[finding, finding])
    assert text.endswith("no limit applied; beyond W&B's guidance on value_size")


def test_what_is_missing_comes_first():
    text = say([client(rows=1500)], [stored(rows_stored=1)])
    assert text.startswith("1,499 of 1,500 rows are missing")


def test_rows_stored_twice_are_not_passed_over():
    assert "but 2 more than once" in say([client()], [stored(rows_stored=12)])


def test_failed_clients_are_counted_with_the_first_reason():
    clients = [client("a"), client("b", error="no luck", exit_code=1)]
    assert "1 of 2 clients failed (first: no luck)" in say(clients, [stored("a"), stored("b")])


@pytest.mark.parametrize(
    ("ending", "start"), [("timeout", "gave up after 1m30s; "), ("interrupted", "interrupted; ")]
)
def test_an_early_end_is_said(ending, start):
    assert say([client()], [stored()], ending=ending).startswith(start)


def test_more_requests_than_a_limit_allows_ask_for_a_longer_interval_or_more_projects():
    # 240 runs every 5 s are 48/s; 120 per 5 s are 24/s: an interval of 10 s, or two projects.
    text = say(
        [client(finish_seconds=14.2)],
        [stored(**REFUSED, throttled_seconds=6.25)],
        windows=[REQUESTS],
    )
    assert text == (
        "all 10 rows delivered; the limit of 120 requests per 5s on team/p refused 25% of "
        "file_stream requests, held single runs back for up to 6.2s and let finish() take up to "
        "14s: 240 runs ask 48 times per second where 24 may: raise the transmit interval to "
        "about 10 s and spread the starts as far or split the runs over 2 projects"
    )


@pytest.mark.parametrize(("count", "asks"), [(1, "1 run asks 0.2 "), (3, "3 runs ask 0.6 ")])
def test_runs_that_are_too_few_to_be_split_are_not_advised_to(count, asks):
    # One run every 5 s may ask once in 20 s: even in a project of its own it asks too often.
    window = msgspec.structs.replace(REQUESTS, amount=1, window_seconds=20)
    text = say([client()], [stored(**REFUSED)], windows=[window], workload=fleet(count))
    assert f"{asks}times per second where 0.05 may" in text
    assert "split" not in text


def test_runs_that_are_split_over_projects_already_are_advised_by_project():
    # 120 runs every 5 s in each project ask 24 times per second: 5 times what may be.
    window = msgspec.structs.replace(REQUESTS, key="team/p-0", amount=24)
    load = msgspec.structs.replace(fleet(), projects=2)
    text = say([client()], [stored(**REFUSED)], windows=[window], workload=load)
    assert "120 runs ask 24 times per second where 4.8 may" in text
    assert text.endswith("split the runs over 10 projects")


def test_of_several_workloads_the_one_that_asks_most_is_named():
    # 240 runs every 5 s, and 60 every 15 s: 48 and 4 per second.
    few = msgspec.structs.replace(fleet(60, 15), name="few")
    text = say([client()], [stored(**REFUSED)], windows=[REQUESTS], workload=[fleet(), few])
    assert "300 runs ask 52 times per second, w 92% of them, where 24 may" in text


def test_a_release_that_asks_often_is_to_be_upgraded():
    old = SdkWorkload(
        name="w", project=ProjectPath("team", "p"), rows=9, count=100, version="0.16.6"
    )
    text = say([client()], [stored(**REFUSED)], windows=[REQUESTS], workload=old)
    assert "where 24 may: upgrade wandb 0.16.6, as later releases ask every 15s, or raise" in text


def test_bursts_within_the_average_ask_for_spread_starts():
    text = say([client()], [stored(**REFUSED)], windows=[REQUESTS], workload=fleet(100, 15))
    assert text.endswith("start or finish together: spread them over 5s or more")


def test_more_bytes_than_a_limit_allows_ask_for_less_or_more_projects():
    refused = {**REFUSED, "refused": {"project.bytes": 3}}
    text = say(
        [client()],
        [stored(**refused, bytes_in=900_000, bytes_streamed=150_000)],
        windows=[REQUESTS, BYTES],
    )
    assert "the limit of 10kB per 10s on team/p refused" in text
    # 150 kB in the 50 s that 100 rows take.
    assert "the runs log 3kB per second where 1kB may: log 3 times less or split" in text
    assert text.endswith("over 3 projects")


def test_a_limit_that_was_never_seen_at_work_is_named_without_numbers():
    text = say([client()], [stored(**REFUSED)])
    assert "the limit project.requests of team/p refused 25%" in text


def test_starts_that_are_spread_already_are_not_asked_for():
    spread = msgspec.structs.replace(fleet(), ramp=Ramp.over(20))
    text = say([client()], [stored(**REFUSED)], windows=[REQUESTS], workload=spread)
    assert "to about 10 s or split" in text


def test_short_runs_are_to_be_spread_over_the_time_that_all_their_requests_need():
    run = stored(requests={"file_stream": {"200": 960, "429": 40}}, refused={"project.requests": 9})
    text = say([client()], [run], windows=[REQUESTS], workload=fleet(100, 15))
    assert text.endswith("spread them over 40s or more")


def test_long_runs_are_to_be_spread_over_the_time_of_one_request_each():
    run = stored(requests={"file_stream": {"200": 960, "429": 40}}, refused={"project.requests": 9})
    load = fleet(100, 15, rows=1000)
    text = say([client()], [run], windows=[REQUESTS], workload=load)
    assert text.endswith("spread them over 5s or more")


@pytest.mark.parametrize("window", [REQUESTS, BYTES])
def test_a_limit_of_nothing_can_only_be_raised(window):
    refused = {**REFUSED, "refused": {window.name: 3}, "rows_stored": 0}
    nothing = msgspec.structs.replace(window, amount=0)
    text = say([client()], [stored(**refused)], windows=[nothing])
    assert text.startswith("10 of 10 rows are missing; the limit of 0")
    assert text.endswith("nothing passes a limit of 0: raise it")


def test_a_backlog_is_told_the_time_that_it_takes():
    refused = {**REFUSED, "refused": {"project.bytes": 3}}
    backlog = msgspec.structs.replace(fleet(), every=Duration(0))
    text = say(
        [client()], [stored(**refused, bytes_streamed=90_000)], windows=[BYTES], workload=backlog
    )
    assert "90kB come within moments, and the limit lets them through in 1m30s at best" in text


def test_the_demand_in_bytes_counts_what_did_not_get_through():
    refused = {**REFUSED, "refused": {"project.bytes": 3}, "rows_stored": 1}
    text = say([client()], [stored(**refused, bytes_streamed=60_000)], windows=[BYTES])
    # One row of ten is there: 600 kB in 50 s.
    assert "the runs log 12kB per second where 1kB may: log 12 times less or split" in text


def test_a_byte_limit_that_let_nothing_through_is_not_reckoned_with():
    refused = {**REFUSED, "refused": {"project.bytes": 3}, "rows_stored": 0}
    text = say([client()], [stored(**refused, bytes_streamed=90)], windows=[BYTES])
    assert text.endswith("not one row passed: raise it or send less at a time")


def test_requests_too_large_for_the_server_are_not_passed_over():
    large = stored(requests={"file_stream": {"200": 1, "413": 2}}, lowest_remaining=0)
    text = say([client()], [large])
    assert "larger than the server takes (answered 413): 2; raise the limit" in text
    assert "nothing was refused" not in text


def window(name: str, key: str = "team/p", amount: int = 10, seconds: float = 60.0) -> Window:
    scope, limit = name.split(".")
    return Window(scope=scope, key=key, limit=limit, amount=amount, window_seconds=seconds)


def told(name: str, *windows: Window, endpoint: str = "graphql", **kwargs) -> str:
    """The verdict's last part after 3 of 12 requests to `endpoint` were refused."""
    run = stored(requests={endpoint: {"200": 9, "429": 3}}, refused={name: 3})
    text = say([client(finish_seconds=14.2)], [run], windows=windows, **kwargs)
    return text.removeprefix("all 10 rows delivered; ")


def test_a_run_that_asks_too_often_is_told_its_interval():
    every_run = window("run.requests", "team/p/abc-w-0", 1, 10.0)
    text = told("run.requests", every_run, endpoint="file_stream")
    assert text == (
        "the limit of 1 request per 10s on each run of team/p refused 25% of file_stream requests, "
        "held single runs back for up to 0s and let finish() take up to 14s: "
        "a run asks 0.2 times per second where 0.1 may: raise the transmit interval to about 10 s"
    )


def test_a_run_that_only_starts_and_ends_too_fast_is_told_so():
    every_run = window("run.requests", "team/p/abc-w-0", 6, 60.0)
    text = told("run.requests", every_run, endpoint="file_stream", workload=fleet(interval=15))
    assert text.endswith("come close together: finish() waits for their turn")


def test_new_runs_beyond_their_limit_are_to_be_spread():
    text = told("project.run_creations", window("project.run_creations"))
    assert text == (
        "the limit of 10 new runs per 1m on team/p refused 25% of graphql requests: "
        "240 runs are created: spread the starts over 24m or more, or resume runs instead of "
        "creating new ones"
    )


def test_a_users_limit_names_the_user_and_the_time_that_all_requests_need():
    text = told("user.requests", window("user.requests", "ada", 3, 60.0))
    assert text.startswith("the limit of 3 GraphQL requests per 1m on user ada refused 25% of")
    assert "spread them over 3m or more, or give them API keys of several users" in text


def test_readers_that_ask_too_often_are_told_their_pause():
    readers = PublicApiWorkload(
        name="w", project=ProjectPath("team", "p"), pages=9, count=30, every=Duration(0.5)
    )
    text = told("user.requests", window("user.requests", "ada", 600, 60.0), workload=readers)
    assert "30 readers ask up to 60 times per second where 10 may: leave 3 s or more" in text


@pytest.mark.parametrize(
    ("name", "endpoint", "says"),
    [
        ("ip.requests", "graphql", "without a valid key refused 25% of graphql requests"),
        ("project.query_time", "graphql", "10ms of query time per 1m on team/p refused 25%"),
        ("project.storage_requests", "storage", "10 file requests per 1m on team/p refused 25%"),
        (
            "project.storage_bytes",
            "storage",
            "10B of files per 1m on team/p refused 25%",
        ),
    ],
)
def test_every_other_limit_is_told_in_its_own_words_and_with_advice(name, endpoint, says):
    key = "127.0.0.1" if name.startswith("ip") else "team/p"
    text = told(name, window(name, key), endpoint=endpoint)
    assert says in text
    assert "took up to 14s: " in text
    assert "held single runs back" not in text


def test_a_freeze_is_no_limit_and_needs_no_advice():
    text = told("server.freeze", endpoint="file_stream")
    assert text == (
        "a freeze of the server refused 25% of requests, "
        "held single runs back for up to 0s and let finish() take up to 14s"
    )


def test_of_several_windows_the_one_that_allows_least_in_the_long_run_is_told():
    windows = [window("user.requests", "ada", 5, 1.0), window("user.requests", "ada", 60, 60.0)]
    assert "the limit of 60 GraphQL requests per 1m on user ada" in told("user.requests", *windows)


def test_refusals_of_requests_without_a_run_are_told_too():
    account = Account(
        runs=[stored()],
        other_requests={"graphql": {"429": 1}},
        other_refused={"user.requests": 1},
    )
    scenario = Scenario(name="s", workloads=[fleet()])
    run = Run("done", [client()], account, [], 0.0, 1.0)
    text = verdict(scenario, run, tally(["w"], [client()], account))
    assert "the limit user.requests refused 100% of graphql requests" in text


@pytest.mark.parametrize("name", LIMITED)
def test_every_limit_has_words_for_it(name):
    keys = {"project": "team/p", "run": "team/p/r1", "user": "ada", "ip": "10.0.0.1"}
    key = keys[name.partition(".")[0]]
    assert ": " in told(name, window(name, key), endpoint=LIMITED[name].value)
    assert "nothing passes a limit of 0" in told(name, window(name, key, 0))
