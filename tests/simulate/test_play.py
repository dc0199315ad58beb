"""Scenarios in virtual time: what the clients do, what the limits refuse, what the account says."""

from collections.abc import Callable

import msgspec
import pytest

from mockwb.config.load import load_config
from mockwb.scenario.errors import StartError
from mockwb.scenario.judgement import judge
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.network import Network
from mockwb.scenario.runner import Run
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.workload import ProjectPath, Workload
from mockwb.sdkmodel.settings import FILELESS, QUIET, SdkSettings
from mockwb.simulate.play import simulate
from mockwb.units import Duration
from tests.simulate.scenes import fleet, play, quick, scene, total

AT_ONCE = Network(latency=Duration(0), server_time=Duration(0))


def test_given_no_limit_then_a_run_sends_at_its_interval_and_all_rows_are_stored() -> None:
    run = play(fleet(count=3), simulate=AT_ONCE)
    assert run.ending == "done"
    tally = total(run)
    # At 0, 15, 30, 45 and the rest with the finish mark at 59 s.
    assert tally.answered("file_stream", "200") == 3 * 5
    # The run is upserted at init, when its config has settled, and at the end.
    assert tally.answered("graphql", "200") == 3 * 3
    assert (tally.rows.sent, tally.rows.stored, tally.values.stored) == (180, 180, 180)
    assert tally.run_states == {"finished": 3}
    assert tally.finish_seconds == [0.0, 0.0, 0.0]
    assert run.seconds == 59


def test_latency_and_server_time_are_spent_on_every_request() -> None:
    slow = Network(latency=Duration(2), server_time=Duration(1), sigma=0)
    run = play(fleet(rows=51), simulate=slow)
    # Init takes one request. At finish there are the config and the rest of the stream.
    assert total(run).finish_seconds == pytest.approx([6.0])
    assert run.seconds == pytest.approx(3 + 50 + 6)


def test_given_a_limit_then_what_is_beyond_it_is_refused_and_comes_later() -> None:
    run = play(
        fleet(count=8, settings=quick()), server={"limits": {"project": {"requests": "20/10s"}}}
    )
    tally = total(run)
    assert tally.refused == {"project.requests": tally.answered("file_stream", "429")}
    assert tally.answered("file_stream", "429") > 20
    assert tally.answered("file_stream", "200") <= 20 * (run.seconds / 10 + 1)
    assert (tally.rows.missing, tally.rows.duplicated) == (0, 0)
    assert tally.behaviour.retries == sum(client.retries for client in run.clients)
    assert tally.lowest_remaining == 0
    assert sum(tally.throttled_seconds) == pytest.approx(
        sum(client.throttled_seconds for client in run.clients), rel=0.01
    )
    (window,) = run.windows
    assert (window.name, window.key, window.amount) == ("project.requests", "team/vision", 20)


@pytest.mark.parametrize(
    ("limit", "refused", "settings"),
    [
        ({"project": {"bytes": "2kB/10s"}}, "project.bytes", FILELESS),
        ({"run": {"requests": "1/20s"}}, "run.requests", FILELESS),
        ({"project": {"run_creations": "1/5s"}}, "project.run_creations", FILELESS),
        ({"user": {"requests": "3/10s"}}, "user.requests", FILELESS),
        ({"project": {"query_time": "30ms/10s"}}, "project.query_time", QUIET),
        ({"project": {"storage_requests": "1/5s"}}, "project.storage_requests", QUIET),
    ],
)
def test_each_limit_of_the_server_holds_in_a_simulation(
    limit: dict[str, object], refused: str, settings: SdkSettings
) -> None:
    tally = total(play(fleet(count=3, settings=settings), server={"limits": limit}))
    assert tally.refused[refused] > 0
    assert set(tally.refused) == {refused}
    assert (tally.clients_failed, tally.rows.missing) == (0, 0)


def test_requests_that_name_no_run_are_counted_apart() -> None:
    run = play(fleet(count=2, settings=SdkSettings()))
    assert run.account.other_requests == {"graphql": {"200": 4}}
    assert {len(account.operations) for account in run.account.runs} == {2}
    assert total(run).answered("storage", "200") == 2 * 4


def test_given_the_timeout_then_clients_finish_and_those_that_wait_never_start() -> None:
    load = fleet(count=2, ramp=200)
    run = play(load, timeout=Duration(20))
    first, second = run.clients
    assert run.ending == "timeout"
    assert (first.rows, first.exit_code, first.error) == (20, 0, None)
    assert (second.rows, second.exit_code, second.error) == (0, None, "stopped before its start")


def test_a_real_sdk_s_workload_is_modelled_with_its_settings() -> None:
    load = SdkWorkload(
        name="real",
        project=ProjectPath("team", "vision"),
        rows=10,
        settings={
            "x_file_stream_transmit_interval": 2,
            "x_disable_stats": True,
            "console": "off",
        },
    )
    run = play(load, simulate=AT_ONCE)
    assert total(run).answered("file_stream", "200") == 6
    assert total(run).run_states == {"finished": 1}


def test_a_kind_that_cannot_be_simulated_says_so() -> None:
    class Script(Workload, frozen=True, kw_only=True, tag="script"):
        pass

    load = Script(name="mine", project=ProjectPath("team", "vision"))
    with pytest.raises(StartError, match="workload mine: kind script cannot be simulated"):
        play(load)


def test_the_same_seed_gives_the_same_result_and_another_one_another() -> None:
    def played(seed: int) -> bytes:
        load = fleet(count=8, settings=quick())
        server = {"limits": {"project": {"requests": "20/10s"}}}
        run = play(load, server=server, seed=seed)
        return msgspec.json.encode((run.account, run.clients)).replace(b"sim7", b"sim1")

    assert played(1) == played(1)
    assert played(1) != played(7)


Judge = Callable[[Run], None]


def _resent_but_stored_once(run: Run) -> None:
    tally = total(run)
    assert tally.network_errors > 0
    assert tally.rows_resent > 0
    assert (tally.rows.missing, tally.rows.duplicated) == (0, 0)


def _retried(run: Run) -> None:
    tally = total(run)
    assert tally.answered("file_stream", "503") > 0
    assert (tally.rows.missing, tally.clients_failed) == (0, 0)


def _failed_to_connect(run: Run) -> None:
    tally = total(run)
    assert tally.network_errors > 1
    assert (tally.rows.missing, tally.clients_failed) == (0, 0)


def _waited_for_the_timeout(run: Run) -> None:
    assert total(run).network_errors == 1
    assert run.seconds > 180


def _ended_early(run: Run) -> None:
    assert {client.exit_code for client in run.clients} == {255}
    assert total(run).rows.sent < 120


def _took_long(run: Run) -> None:
    assert run.seconds > 59 + 3


@pytest.mark.parametrize(
    ("what", "when", "judge"),
    [
        ({"kind": "reset", "at": "after"}, {"probability": 0.3}, _resent_but_stored_once),
        ({"kind": "status", "status": 503}, {"for": "30s"}, _retried),
        ({"kind": "refuse", "time": "20s"}, {"after": "10s", "first": 1}, _failed_to_connect),
        ({"kind": "stall"}, {"after": "20s", "first": 1}, _waited_for_the_timeout),
        ({"kind": "stopped"}, {"after": "10s"}, _ended_early),
        ({"kind": "latency", "time": "3s"}, {}, _took_long),
        ({"kind": "truncate"}, {"probability": 0.3}, _resent_but_stored_once),
    ],
    ids=lambda value: str(value.get("kind", "")) if isinstance(value, dict) else "",
)
def test_faults_strike_simulated_requests_as_they_do_real_ones(
    what: dict[str, object], when: dict[str, object], judge: Judge
) -> None:
    rule = {"what": what, "when": when, "match": {"endpoint": "file_stream"}}
    run = play(fleet(count=2, settings=quick()), server={"faults": [rule]})
    judge(run)
    assert run.ending == "done"


def test_rows_are_as_late_as_the_transmit_interval_makes_them() -> None:
    run = play(fleet(count=2, rows=600), simulate=AT_ONCE)
    for account in run.account.runs:
        lag = account.delivery.lag
        assert lag is not None
        # One row per second, sent every 15 s: as many rows of each age up to that.
        assert lag.p50 == pytest.approx(7.5, rel=0.15)
        assert lag.p95 == pytest.approx(14.3, rel=0.15)
        assert lag.max == pytest.approx(15, abs=1)


def test_given_a_threshold_on_content_then_it_is_skipped_as_no_rows_are_stored() -> None:
    thresholds = [Threshold("content.different == 0"), Threshold("content.compared > 0")]
    told = scene(fleet(rows=3), thresholds=thresholds)
    outcomes = judge(told, simulate(told, load_config())).outcomes
    assert [outcome.verdict for outcome in outcomes] == ["skipped", "skipped"]
