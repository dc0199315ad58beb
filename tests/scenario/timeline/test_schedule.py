import pytest

from mockwb.scenario.timeline.faults import StopFault
from mockwb.scenario.timeline.schedule import schedule
from tests.scenario.timeline.events import OUTAGE, event


def test_given_events_in_any_order_then_they_are_played_by_their_time() -> None:
    steps = schedule([event("thaw", "2m"), event("freeze", "30s"), event("restart", "90s")])
    assert [(step.event.at, step.number) for step in steps] == [(30, 1), (90, 2), (120, 0)]


def test_given_a_fault_that_lasts_then_it_is_stopped_by_name() -> None:
    start, stop = schedule([event("start_fault", "1m", fault=OUTAGE, for_="20s")])
    assert (start.implied, stop.implied) == (False, True)
    assert isinstance(stop.event, StopFault)
    assert (stop.event.at, stop.event.name) == (80, "down")


def test_given_a_fault_without_a_name_then_it_is_called_after_kind_and_time() -> None:
    (step,) = schedule([event("start_fault", "1m30s", fault={"what": {"kind": "reset"}})])
    assert step.event.fault.name == "reset-at-1m30s"


def test_given_one_fault_right_after_the_other_then_the_first_ends_before() -> None:
    again = [event("start_fault", at, fault=OUTAGE, for_="10s") for at in ("10s", "0s")]
    assert [(step.event.at, step.implied) for step in schedule(again)] == [
        (0, False),
        (10, True),
        (10, False),
        (20, True),
    ]


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (event("change_limits", plan="tight"), "limits: plan tight"),
        (
            event("change_limits", limits={"project": {"requests": "5/1s", "bytes": "1MB/1s"}}),
            "limits: project.requests 5/1s, project.bytes 1MB/1s",
        ),
        (event("start_fault", fault=OUTAGE, for_="90s"), "fault down for 1m30s"),
        (event("start_profile", profile="brownout"), "fault profile brownout"),
        (event("stop_fault", name="down"), "fault down stops"),
        (event("stop_fault"), "all faults stop"),
        (event("freeze", for_="5s"), "frozen for 5s"),
        (event("thaw"), "thawed"),
        (event("restart", down="3s"), "server restarts, down for 3s"),
        (event("kill"), "server killed, down for 10s; all it stored is lost"),
    ],
)
def test_given_an_event_then_it_says_what_happens(made, text) -> None:
    assert made.text == text
