"""Timelines in virtual time: each event does to the simulated server what it does to a real one."""

from typing import Any

import msgspec

from mockwb.scenario.runner import Run
from mockwb.scenario.tally import Tally
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.timeline.events import TimelineEvent
from mockwb.units import Duration
from mockwb.yaml_file import convert
from tests.simulate.scenes import fleet, play, quick, total


def events(*given: dict[str, Any]) -> list[TimelineEvent]:
    return convert(list(given), list[TimelineEvent])


def played(*given: dict[str, Any], **settings: Any) -> tuple[Run, Tally]:
    run = play(fleet(count=2, settings=quick(**settings)), timeline=events(*given))
    return run, total(run)


def between(run: Run, begin: float, end: float) -> dict[str, int]:
    """Requests by status in the samples of that time."""
    counts: dict[str, int] = {}
    for sample in run.series:
        if begin < sample.at <= end:
            for status, count in sample.requests.items():
                counts[status] = counts.get(status, 0) + count
    return counts


def test_limits_change_when_the_timeline_says_so() -> None:
    run, tally = played(
        {"do": "change_limits", "at": "20s", "limits": {"project": {"requests": "1/5s"}}},
        {"do": "change_limits", "at": "40s", "plan": "unlimited"},
    )
    assert "429" not in between(run, 0, 20)
    assert between(run, 20, 40)["429"] > 5
    assert "429" not in between(run, 41, 60)
    assert tally.rows.missing == 0
    assert [(one.seconds, one.do) for one in run.timeline] == [
        (20, "change_limits"),
        (40, "change_limits"),
    ]


def test_a_fault_lasts_as_long_as_it_is_told() -> None:
    fault = {"name": "down", "what": {"kind": "status", "status": 503}}
    run, tally = played({"do": "start_fault", "at": "10s", "fault": fault, "for": "15s"})
    assert set(between(run, 0, 10)) == {"200"}
    assert "200" not in between(run, 10, 25)
    assert "503" not in between(run, 26, 60)
    assert (tally.rows.missing, tally.clients_failed) == (0, 0)
    assert [one.text for one in run.timeline] == ["fault down for 15s", "fault down stops"]


def test_a_profile_comes_and_all_faults_go() -> None:
    run, tally = played(
        {"do": "start_profile", "at": "10s", "profile": "outage"}, {"do": "stop_fault", "at": "30s"}
    )
    assert "200" not in between(run, 10, 30)
    assert set(between(run, 31, 60)) == {"200"}
    assert tally.rows.missing == 0


def test_while_frozen_everything_is_refused() -> None:
    run, tally = played({"do": "freeze", "at": "10s"}, {"do": "thaw", "at": "30s"})
    assert set(between(run, 10, 30)) == {"429"}
    assert tally.refused["server.freeze"] == tally.answered(None, "429")
    assert tally.rows.missing == 0


def test_a_restart_breaks_connections_and_keeps_what_is_stored() -> None:
    run, tally = played({"do": "restart", "at": "20s", "down": "15s"})
    assert between(run, 20, 35) == {}
    assert tally.network_errors > 2
    assert (tally.rows.missing, tally.rows.duplicated, tally.clients_failed) == (0, 0, 0)


def test_a_killed_server_has_forgotten_its_runs() -> None:
    _, tally = played({"do": "kill", "at": "20s", "down": "10s"})
    assert tally.answered("file_stream", "404") == 2
    assert tally.rows.stored == 0
    assert tally.rows.sent == 120


def test_an_event_that_finds_the_server_down_waits_until_it_is_back() -> None:
    run, _ = played({"do": "restart", "at": "10s", "down": "10s"}, {"do": "freeze", "at": "12s"})
    assert [one.seconds for one in run.timeline] == [10, 20]


def test_samples_add_up_to_the_account() -> None:
    run, tally = played()
    assert sum(sample.answered for sample in run.series) == tally.answered()
    assert sum(sample.seconds for sample in run.series) == run.seconds
    last = run.series[-1]
    assert (last.rows_logged, last.rows_sent, last.rows_stored) == (120, 120, 120)
    assert max(sample.active for sample in run.series) == 2


def test_a_threshold_that_fails_for_good_ends_the_scenario() -> None:
    fault = {"name": "down", "what": {"kind": "status", "status": 503}}
    run = play(
        fleet(settings=quick()),
        timeline=events({"do": "start_fault", "at": "10s", "fault": fault}),
        thresholds=[Threshold("requests.errors <= 2", abort_after=0)],
    )
    assert (run.ending, run.aborted_by) == ("aborted", "requests.errors <= 2")
    assert run.seconds < 30


def test_clients_that_a_threshold_ends_have_time_to_finish() -> None:
    fault = {"match": {"endpoint": "file_stream"}, "what": {"kind": "latency", "time": "1500ms"}}
    run = play(
        fleet(settings=quick()),
        server={"faults": [fault]},
        thresholds=[Threshold("rows.stored < 10", abort_after=0)],
    )
    assert run.ending == "aborted"
    assert [client.finish_seconds is not None for client in run.clients] == [True]
    assert 10 <= run.clients[0].rows == run.account.runs[0].rows_stored < 60


def test_a_frozen_simulation_is_as_repeatable_as_any() -> None:
    def account() -> bytes:
        run, _ = played({"do": "freeze", "at": "10s", "for": "20s"})
        return msgspec.json.encode((run.account, run.series))

    assert account() == account()


def test_the_timeout_is_not_reached_by_events_that_lie_behind_it() -> None:
    run = play(
        fleet(settings=quick()),
        timeline=events({"do": "freeze", "at": "50s"}),
        timeout=Duration(30),
    )
    assert (run.ending, run.timeline) == ("timeout", [])
