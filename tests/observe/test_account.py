import asyncio
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.account import Account, RunAccount
from mockwb.clock import VirtualClock
from mockwb.observe.account import AccountKeeper, OpenGaps, RunState
from mockwb.record import Ingested, RefusedBy, RequestRecord
from mockwb.target import Surface, Target
from tests.observe.records import asked, refused, streamed

WALL = 1_767_225_600.0
"""What the virtual clock calls its second 0."""


async def running(_entity: str, _project: str, _run: str) -> str:
    return "running"


async def no_gaps(_entity: str, _project: str, _run: str) -> list[tuple[str, int, int]]:
    return []


def keeper(
    max_runs: int = 100,
    clock: VirtualClock | None = None,
    run_state: RunState = running,
    open_gaps: OpenGaps = no_gaps,
) -> AccountKeeper:
    return AccountKeeper(
        max_runs, clock=clock or VirtualClock(), run_state=run_state, open_gaps=open_gaps
    )


def asked_of(
    accounts: AccountKeeper, projects: Sequence[str] = (), runs: Sequence[str] = ()
) -> Account:
    return asyncio.run(accounts.query(projects, runs))


def only_run(accounts: AccountKeeper) -> RunAccount:
    (run,) = asked_of(accounts).runs
    return run


def upsert(run: str) -> RequestRecord:
    target = Target(Surface.GRAPHQL, "team", "proj", run, "UpsertBucket")
    return RequestRecord(target, 0.0, "POST", "/graphql", status=200)


def test_given_requests_of_a_run_then_they_are_counted_by_endpoint_status_and_operation() -> None:
    accounts = keeper()
    for record in (upsert("r1"), streamed(), streamed(), refused(), refused(limit="bytes")):
        accounts.saw(record)
    run = only_run(accounts)
    assert (run.entity, run.project, run.run, run.state) == ("team", "proj", "r1", "running")
    assert run.requests == {"graphql": {"200": 1}, "file_stream": {"200": 2, "429": 2}}
    assert run.operations == {"UpsertBucket": 1}
    assert run.refused == {"project.requests": 1, "project.bytes": 1}
    assert run.bytes_in == 400
    assert run.bytes_refused == 200
    assert run.bytes_streamed == 200


def test_given_rows_then_stored_resent_and_changed_add_up_and_finish_has_its_time() -> None:
    accounts = keeper()
    accounts.saw(streamed(at=1.0, ingested=Ingested(rows=3, values=30)))
    accounts.saw(streamed(at=2.0, ingested=Ingested(rows=1, rows_resent=3, values=10)))
    assert only_run(accounts).finished_at is None
    last = Ingested(rows_changed=2, completed=True)
    accounts.saw(streamed(at=5.0, duration=0.5, ingested=last))
    run = only_run(accounts)
    assert (run.rows_stored, run.rows_resent, run.rows_changed) == (4, 3, 2)
    assert run.values_stored == 40
    assert run.first_request_at == WALL + 1.0
    assert run.last_request_at == WALL + 5.0
    assert run.finished_at == WALL + 5.5


def test_given_429s_then_throttled_time_runs_from_the_first_to_the_next_accepted_answer() -> None:
    accounts = keeper()
    accounts.saw(streamed(at=0.0))
    accounts.saw(refused(at=10.0, duration=0.5))
    accounts.saw(refused(at=12.0))
    accounts.saw(streamed(at=15.0, status=500))
    accounts.saw(streamed(at=20.0, duration=0.25))
    assert not only_run(accounts).waiting
    accounts.saw(refused(at=30.0))
    assert only_run(accounts).waiting
    accounts.saw(streamed(at=31.0))
    assert only_run(accounts).throttled_seconds == pytest.approx(9.75 + 1.0)


def test_given_a_run_still_throttled_then_the_account_counts_up_to_now() -> None:
    clock = VirtualClock()
    accounts = keeper(clock=clock)
    accounts.saw(refused(at=10.0))
    clock.set(13.0)
    assert only_run(accounts).throttled_seconds == 3.0
    clock.set(14.0)
    assert only_run(accounts).throttled_seconds == 4.0


def test_given_accepted_graphql_while_throttled_then_file_stream_stays_throttled() -> None:
    clock = VirtualClock(20.0)
    accounts = keeper(clock=clock)
    accounts.saw(refused(at=10.0))
    accounts.saw(upsert("r1"))
    assert only_run(accounts).throttled_seconds == 10.0


def test_given_remaining_headers_then_the_lowest_is_kept() -> None:
    accounts = keeper()
    accounts.saw(streamed())
    assert only_run(accounts).lowest_remaining is None
    for remaining in (700, 20, 900):
        accounts.saw(streamed(remaining=remaining))
    assert only_run(accounts).lowest_remaining == 20


def test_given_requests_without_a_run_then_they_are_counted_apart() -> None:
    accounts = keeper()
    accounts.saw(asked("Viewer"))
    accounts.saw(asked("Viewer", status=401))
    throttled = asked("Viewer", status=429)
    throttled.refused_by = RefusedBy("user", "requests")
    accounts.saw(throttled)
    accounts.saw(asked(None, surface=Surface.OTHER, status=404))
    account = asked_of(accounts)
    assert account.runs == []
    statuses = {"graphql": {"200": 1, "401": 1, "429": 1}, "other": {"404": 1}}
    assert account.other_requests == statuses
    assert account.other_refused == {"user.requests": 1}


def test_given_state_and_gaps_change_without_requests_then_the_account_asks_when_queried() -> None:
    states = {"r1": "running"}
    gaps = {"r1": [("wandb-history.jsonl", 3, 5)]}

    async def state(_entity: str, _project: str, run: str) -> str:
        return states[run]

    async def open_gaps(_entity: str, _project: str, run: str) -> list[tuple[str, int, int]]:
        return gaps[run]

    accounts = keeper(run_state=state, open_gaps=open_gaps)
    accounts.saw(streamed("r1", ingested=Ingested(gaps=[("wandb-history.jsonl", 3, 5)])))
    assert only_run(accounts).gaps == [("wandb-history.jsonl", 3, 5)]
    states["r1"] = "crashed"
    gaps["r1"] = []
    assert only_run(accounts).gaps == []
    assert only_run(accounts).state == "crashed"


@pytest.mark.parametrize(
    ("projects", "runs", "expected"),
    [
        ([], [], ["a", "b", "a2", "b"]),
        (["team/proj"], [], ["a", "b"]),
        (["team/*"], ["a*"], ["a", "a2"]),
        (["team/proj", "else/where"], ["b"], ["b", "b"]),
        (["TEAM/proj"], [], []),
        ([], ["[x]"], []),
    ],
)
def test_given_globs_then_runs_of_those_projects_and_names_match(
    projects: list[str], runs: list[str], expected: list[str]
) -> None:
    accounts = keeper()
    accounts.saw(streamed("a"))
    accounts.saw(streamed("b"))
    accounts.saw(streamed("a2", project="p2"))
    accounts.saw(streamed("b", entity="else", project="where"))
    assert [run.run for run in asked_of(accounts, projects, runs).runs] == expected


def test_given_a_name_with_glob_characters_then_it_matches_itself() -> None:
    accounts = keeper()
    accounts.saw(streamed("run[1]"))
    assert [run.run for run in asked_of(accounts, runs=["run[1]"]).runs] == ["run[1]"]


def test_given_more_runs_than_kept_then_the_longest_silent_is_forgotten_and_counted() -> None:
    accounts = keeper(max_runs=2)
    for run in ("a", "b", "a", "c"):
        accounts.saw(streamed(run))
    account = asked_of(accounts)
    assert [run.run for run in account.runs] == ["a", "c"]
    assert account.forgotten_runs == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([200, 429, 500])), max_size=50))
def test_given_any_traffic_then_the_account_counts_every_request_and_survives_json(
    traffic: list[tuple[str, int]],
) -> None:
    accounts = keeper()
    for run, status in traffic:
        accounts.saw(streamed(run, status=status))
    account = msgspec.json.decode(msgspec.json.encode(asked_of(accounts)), type=Account)
    counted = {
        (run.run, int(status)): count
        for run in account.runs
        for status, count in run.requests["file_stream"].items()
    }
    assert counted == {one: traffic.count(one) for one in traffic}
