import pytest

from mockwb.faults.rule import FaultRule
from mockwb.scenario.timeline.check import EventError, check_timeline
from mockwb.yaml_file import convert
from tests.scenario.timeline.events import OUTAGE, event

START = event("start_fault", "10s", fault=OUTAGE)


@pytest.mark.parametrize(
    ("timeline", "path", "message"),
    [
        ([event("change_limits", plan="tigth")], ("plan", 0), "did you mean tight"),
        ([event("start_profile", profile="outages")], ("profile", 0), "did you mean outage"),
        ([START, event("stop_fault", "20s", name="dwn")], ("name", 1), "did you mean down"),
        ([event("stop_fault", "5s", name="down"), START], ("name", 0), "in force: none"),
        ([START, event("start_fault", "20s", fault=OUTAGE)], ("fault", 1), "stop that one first"),
        (
            [START, event("kill", "20s"), event("stop_fault", "30s", name="down")],
            ("name", 2),
            "in force: none",
        ),
    ],
)
def test_given_what_cannot_come_to_pass_then_the_event_is_named(timeline, path, message) -> None:
    with pytest.raises(EventError, match=message) as raised:
        check_timeline(timeline, [])
    key, number = path
    assert raised.value.path == ("timeline", number, key)


def test_given_faults_that_come_and_go_then_all_is_well() -> None:
    at_start = [convert({**OUTAGE, "name": "old"}, FaultRule)]
    check_timeline(
        [
            event("stop_fault", "5s", name="old"),
            event("start_fault", "6s", fault=OUTAGE, for_="4s"),
            event("start_fault", "10s", fault=OUTAGE),
            event("start_profile", "20s", profile="outage"),
            event("stop_fault", "30s", name="outage"),
            event("kill", "40s"),
            event("stop_fault", "50s", name="old"),
        ],
        at_start,
    )
