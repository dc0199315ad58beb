"""What each kind makes of its settings, and what settings it refuses."""

import json
import statistics
from typing import Any

import msgspec
import pytest

from mockwb.faults.effect import Effect, Stall, together
from mockwb.faults.kinds.registry import KINDS, Kind, kind_of
from mockwb.faults.rule import FaultRule, check_names
from mockwb.faults.subject import Strike, Subject
from mockwb.target import Surface, Target
from mockwb.yaml_file import convert

ADA = Target(Surface.FILE_STREAM, "team", "vision", "r1")


def effect(kind: str, *, target: Target = ADA, key: str = "k", **settings: Any) -> Effect:
    what: Any = convert({"kind": kind, **settings}, Kind)  # type: ignore[arg-type]
    found: Effect = what.effect(Strike(Subject(target), "rule", key))
    return found


@pytest.mark.parametrize("name", KINDS)
def test_given_any_kind_then_its_defaults_do_something(name: str) -> None:
    what: Any = convert({"kind": name}, Kind)  # type: ignore[arg-type]
    assert kind_of(what) == name
    harmless = {"bandwidth", "clock_skew"}  # until they are told how much
    assert (effect(name) == Effect()) == (name in harmless)


def delays(**settings: Any) -> list[float]:
    return [effect("latency", key=str(i), **settings).delay for i in range(2000)]


def test_given_latency_then_it_is_distributed_as_asked() -> None:
    assert set(delays(time="3s")) == {3}
    normal = delays(distribution="normal", time=10, deviation=2)
    assert statistics.mean(normal) == pytest.approx(10, abs=0.3)
    assert statistics.stdev(normal) == pytest.approx(2, abs=0.3)
    lognormal = delays(distribution="lognormal", time=2, sigma=0.5)
    assert statistics.median(lognormal) == pytest.approx(2, abs=0.2)
    assert statistics.mean(lognormal) > 2.1
    spikes = delays(distribution="spikes", time=1, spike=9, spike_share=0.25)
    assert set(spikes) == {1, 9}
    assert spikes.count(9) == pytest.approx(500, abs=80)


def test_given_scattered_latency_then_nobody_waits_less_than_nothing() -> None:
    assert min(delays(distribution="normal", time=0, deviation=5)) == 0
    assert set(delays(distribution="lognormal", time=0)) == {0}


def answer(status: int, surface: Surface = Surface.FILE_STREAM, **settings: Any) -> Any:
    target = msgspec.structs.replace(ADA, surface=surface)
    return effect("status", status=status, target=target, **settings).answer


def test_given_a_status_then_its_body_has_the_shape_of_its_surface() -> None:
    assert json.loads(answer(500).body) == {
        "error": "internal server error",
        "errors": [{"message": "internal server error"}],
    }
    assert json.loads(answer(401, Surface.GRAPHQL).body) == {
        "errors": [{"message": "user is not logged in"}],
        "data": None,
    }
    assert json.loads(answer(404).body)["error"] == "run team/vision/r1 not found"
    assert json.loads(answer(418, message="short and stout").body)["error"] == "short and stout"
    assert json.loads(answer(599).body)["error"] == "error"
    assert answer(502).content_type == "text/html"
    assert b"502 Bad Gateway" in answer(502).body
    assert b"&lt;b> &amp; c" in answer(503, message="<b> & c").body
    assert json.loads(answer(503, body="json").body)["error"] == "service unavailable"
    assert answer(500, body="empty").body == b""
    assert answer(503, retry_after=3).headers == {"Retry-After": "3"}
    assert answer(429).headers == {}


def test_given_header_values_then_blanks_around_them_go_and_none_takes_them_away() -> None:
    assert effect("ratelimit_headers", remaining=" 0 ").headers == {
        "RateLimit-Limit": None,
        "RateLimit-Remaining": "0",
        "RateLimit-Reset": None,
        "Retry-After": None,
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"what": {"kind": "stauts"}}, "stauts"),
        ({"what": {"kind": "status", "status": 200}}, ">= 400"),
        ({"what": {"kind": "status", "sttaus": 500}}, "sttaus"),
        ({"what": {"kind": "latency", "time": "soon"}}, "expected a duration"),
        ({"what": {"kind": "bandwidth", "up": "fast"}}, "expected a size"),
        ({"what": {"kind": "truncate", "keep": 2}}, "<= 1"),
        ({"what": {"kind": "reset", "at": "dawn"}}, "dawn"),
        ({"what": {"kind": "reset"}, "when": {"probability": 1.5}}, "<= 1"),
        ({"what": {"kind": "reset"}, "when": {"first": 0}}, ">= 1"),
        ({"what": {"kind": "reset"}, "match": {"endpoint": "health"}}, "health"),
        ({"what": {"kind": "reset"}, "name": "a b"}, "matching regex"),
        ({"when": {}}, "what"),
    ],
)
def test_given_a_wrong_rule_then_it_is_refused(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        convert(rule, FaultRule)


def test_given_two_rules_of_one_name_then_they_are_refused() -> None:
    one = convert({"name": "x", "what": {"kind": "reset"}}, FaultRule)
    unnamed = convert({"what": {"kind": "reset"}}, FaultRule)
    check_names([one, unnamed, unnamed])
    with pytest.raises(ValueError, match="two faults are called x"):
        check_names([one, unnamed, one])


def test_given_effects_together_then_delays_add_up_and_the_first_answer_counts() -> None:
    one = Effect(delay=1, headers={"A": "1", "B": None}, bytes_in=10, stall=Stall(5))
    other = Effect(delay=2, headers={"A": "2", "C": "3"}, bytes_in=5, stall=Stall(9), date_skew=-1)
    both = together([one, other, Effect(stopped=True)])
    assert (both.delay, both.date_skew, both.bytes_in, both.stopped) == (3, -1, 5, True)
    assert both.headers == {"A": "1", "B": None, "C": "3"}
    assert both.stall == Stall(5)
