"""Readers in virtual time: they see the runs that are there, and wait as they do over HTTP."""

from typing import Any

import pytest

from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tallies, tally
from mockwb.scenario.workload import ProjectPath
from mockwb.units import Duration
from tests.simulate.scenes import fleet, play

AFTERWARDS = Ramp.from_config([{"to": 0, "for": "2m"}, {"to": "100%", "for": "1s"}])


def readers(**given: Any) -> PublicApiWorkload:
    usual: dict[str, Any] = {
        "name": "readers",
        "project": ProjectPath("team", "vision"),
        "every": Duration(0),
        "ramp": AFTERWARDS,
    }
    return PublicApiWorkload(**{**usual, **given})


def counted(run: Run) -> Tallies:
    return tally(["fleet", "readers"], run.clients, run.account, run.behaved)


@pytest.mark.parametrize(
    ("read", "pages", "requests"),
    [
        ("runs", 4, 2 + 4),
        ("history", 6, 2 + 2 + 6),  # the three runs are listed twice
        ("scan_history", 36, 2 + 2 + 2 * 6 + 36),  # each run is six pages of ten steps
    ],
)
def test_given_runs_that_ended_then_a_reader_asks_what_it_asks_over_http(
    read: str, pages: int, requests: int
) -> None:
    load = readers(read=read, pages=pages, per_page=10)
    tallies = counted(play(fleet(count=3), load))
    seen = tallies.workloads["readers"]
    assert (seen.clients_failed, seen.pages) == (0, pages)
    assert seen.answered("graphql", "200") == requests
    assert tallies.total.answered("graphql", "200") == requests + 3 * 3
    assert tallies.total.run_states == {"finished": 3}


def test_given_a_limit_then_readers_wait_and_count_as_the_server_does() -> None:
    load = readers(count=4, pages=30, per_page=1, every=Duration(0.1))
    tallies = counted(
        play(fleet(count=3), load, server={"limits": {"user": {"requests": "40/10s"}}})
    )
    seen = tallies.workloads["readers"]
    assert (seen.clients_failed, seen.pages) == (0, 120)
    assert seen.answered("graphql", "200") == 4 * (2 + 30)
    assert seen.answered("graphql", "429") > 4
    assert seen.answered("graphql", "429") == tallies.total.refused["user.requests"]
    assert max(seen.throttled_seconds) > 10
    assert tallies.total.behaviour.premature_retries == 0


def test_given_a_limit_that_outlasts_their_patience_then_readers_die_of_it() -> None:
    limits = {"user": {"requests": "20/5m"}}
    run = play(fleet(count=1), readers(pages=60, every=Duration(1)), server={"limits": limits})
    (reader,) = (client for client in run.clients if client.workload == "readers")
    assert reader.error is not None
    assert "Timed out while retrying: HTTP 429" in reader.error
    assert 10 < reader.pages < 20


def test_a_reader_among_those_who_log_sees_more_and_more_runs() -> None:
    """What it reads about a run counts with the run, but says nothing of the run's own client."""
    start = Ramp.over(0)
    load = readers(read="history", pages=20, every=Duration(2), ramp=start)
    tallies = counted(play(fleet(count=5, ramp=Ramp.over(30)), load))
    assert tallies.workloads["readers"].pages == 20
    about_runs = tallies.workloads["fleet"].operations["RunFullHistory"]
    assert 10 < about_runs <= 20
    upserts = tallies.workloads["fleet"].operations["UpsertBucket"]
    streamed = tallies.workloads["fleet"].answered("file_stream")
    assert tallies.total.behaviour.requests == upserts + streamed


def test_a_readers_timeout_ends_it() -> None:
    run = play(readers(pages=1000, every=Duration(60)), timeout=Duration(300))
    assert run.ending == "timeout"
    assert [client.error for client in run.clients] == ["stopped before its end"]
