"""What `control` does to limits while they serve: replace, charge, freeze, reset; many keys."""

import pytest

from mockwb.clock import RealClock, VirtualClock
from mockwb.limits.limiter import Limiter, whole_seconds
from mockwb.limits.rules import LimitRules
from mockwb.target import ANONYMOUS, Caller, Cost, Surface, Target
from mockwb.yaml_file import convert

CALLER = Caller("someone", "10.0.0.1")


def rules_of(**rules) -> LimitRules:
    return convert(rules, LimitRules)


def stream(path: str = "team/vision", run: str = "r1") -> Target:
    entity, project = path.split("/")
    return Target(Surface.FILE_STREAM, entity, project, run)


def used(limits: Limiter) -> dict[tuple[str, str, str], int]:
    return {(usage.scope, usage.limit, usage.key): usage.used for usage in limits.usage()}


def test_given_a_lower_limit_in_flight_then_it_holds_from_the_next_request_on() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"requests": "10/1m"}), clock)
    assert all(limits.admit(stream(), CALLER, Cost()).admitted for _ in range(5))
    limits.replace(rules_of(project={"requests": "5/1m"}))
    refused = limits.admit(stream(), CALLER, Cost())
    assert (refused.admitted, refused.allowance, refused.remaining) == (False, "5/1m", 0)
    limits.replace(rules_of(project={"requests": "6/1m"}))
    assert limits.admit(stream(), CALLER, Cost()).admitted
    assert not limits.admit(stream(), CALLER, Cost()).admitted


def test_given_a_bucket_with_another_rate_then_the_time_before_counts_at_the_old_one() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"requests": "60/1m token-bucket"}), clock)
    limits.charge(stream(), CALLER, Cost(60))
    clock.set(10.0)
    limits.replace(rules_of(project={"requests": "600/1m token-bucket"}))
    assert used(limits) == {("project", "requests", "team/vision"): 50}


def test_given_two_rates_that_come_to_the_same_window_then_each_counts_for_itself() -> None:
    clock = VirtualClock()
    rules = rules_of(project={"requests": ["6/1m", "4/1m rolling"]})
    limits = Limiter(rules, clock)
    limits.admit(stream(), CALLER, Cost())
    limits.replace(rules)
    admitted = [limits.admit(stream(), CALLER, Cost()).admitted for _ in range(5)]
    assert admitted == [True, True, True, False, False]
    assert [usage.used for usage in limits.usage()] == [4, 4]


def test_given_debts_then_they_count_and_say_what_is_left() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"query_time": "1s/1m"}), clock)
    target = Target(Surface.GRAPHQL, "team", "vision")
    assert limits.admit(target, CALLER, Cost(1, 0, 0, 100)).remaining == 900
    decision = limits.charge(target, CALLER, Cost(0, 0, 0, 5000))
    assert (decision.remaining, decision.reset) == (0, 60)
    (usage,) = limits.usage()
    assert (usage.used, usage.remaining) == (5100, 0)
    assert not limits.admit(target, CALLER, Cost(1, 0, 0, 1)).admitted
    clock.set(60.0)
    assert limits.admit(target, CALLER, Cost(1, 0, 0, 1)).admitted
    assert limits.charge(target, CALLER, Cost(0)) is None


def test_given_count_refused_then_hammering_keeps_out_and_waiting_helps() -> None:
    clock = VirtualClock()
    rules = rules_of(
        project={"requests": "2/10s", "bytes": "100B/1m"}, count_refused=True, reset="next"
    )
    limits = Limiter(rules, clock)
    for second in range(30):
        clock.set(float(second))
        decision = limits.admit(stream(), CALLER, Cost(1, 1))
        assert decision.admitted == (second < 2)
    clock.set(29.0 + decision.reset)
    assert limits.admit(stream(), CALLER, Cost(1, 1)).admitted


def test_given_count_refused_that_fills_another_window_then_the_reset_waits_for_it_too() -> None:
    clock = VirtualClock()
    rules = rules_of(
        project={"requests": "1/10s", "bytes": "100B/1m"}, count_refused=True, reset="next"
    )
    limits = Limiter(rules, clock)
    assert limits.admit(stream(), CALLER, Cost(1, 40)).admitted
    refused = limits.admit(stream(), CALLER, Cost(1, 40))
    assert (refused.limit, refused.reset) == ("requests", 60)


def test_given_windows_that_refuse_then_the_longest_wait_is_named_and_of_equals_the_first() -> None:
    clock = VirtualClock()
    rules = rules_of(
        project={"requests": ["1/1s", "1/1m"], "bytes": ["10B/1m", "10B/30s"]},
        run={"requests": "1/50s"},
    )
    limits = Limiter(rules, clock)
    limits.admit(stream(), CALLER, Cost(1, 10))
    refused = limits.admit(stream(), CALLER, Cost(1, 10))
    assert (refused.scope, refused.limit, refused.allowance) == ("project", "requests", "1/1m")
    limits.reset("project")
    assert limits.admit(stream(), CALLER, Cost(1, 10)).scope == "run"


def test_given_windows_with_room_then_the_tightest_is_named_and_of_equals_the_first() -> None:
    limits = Limiter(
        rules_of(project={"requests": ["4/1s", "2/1m"]}, run={"requests": "2/1s"}), VirtualClock()
    )
    decision = limits.admit(stream(), CALLER, Cost())
    assert (decision.scope, decision.allowance, decision.remaining) == ("project", "2/1m", 500)


@pytest.mark.parametrize("kind", ["rolling", "fixed", "token-bucket"])
@pytest.mark.parametrize("reset", ["empty", "next"])
def test_given_a_limit_of_zero_then_a_whole_window_is_told_since_nothing_ever_passes(
    kind, reset
) -> None:
    rules = rules_of(
        project={"requests": ["1/1h", "0/42s"]}, window=kind, reset=reset, retry_after="reset"
    )
    refused = Limiter(rules, VirtualClock(7.0)).admit(stream(), CALLER, Cost())
    assert (refused.admitted, refused.allowance) == (False, "0/42s")
    assert (refused.reset, refused.retry_after) == (42, 42)


def test_given_what_can_never_pass_then_it_is_told_rather_than_what_is_full() -> None:
    rules = rules_of(project={"requests": "1/1h", "bytes": "100B/1s"}, oversize="reject")
    limits = Limiter(rules, VirtualClock())
    assert limits.admit(stream(), CALLER, Cost(1, 1)).admitted
    refused = limits.admit(stream(), CALLER, Cost(1, 101))
    assert (refused.limit, refused.too_large) == ("bytes", True)
    assert not limits.admit(stream(), CALLER, Cost(1, 1)).too_large


@pytest.mark.parametrize("kind", ["rolling", "fixed", "token-bucket"])
def test_given_an_oversize_request_then_it_passes_alone_in_each_kind_of_window(kind) -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"bytes": "10B/1m"}, window=kind, reset="next"), clock)
    assert limits.admit(stream(), CALLER, Cost(1, 500)).remaining == 0
    refused = limits.admit(stream(), CALLER, Cost(1, 500))
    assert not refused.admitted
    clock.set(refused.reset - 0.25)
    assert not limits.admit(stream(), CALLER, Cost(1, 500)).admitted
    clock.set(float(refused.reset))
    assert limits.admit(stream(), CALLER, Cost(1, 500)).admitted


def test_given_a_freeze_then_everything_is_refused_until_its_end_and_charged_nothing() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"requests": "10/1m"}), clock)
    limits.start_freeze(seconds=12.5)
    refused = limits.admit(stream(), CALLER, Cost())
    assert (refused.admitted, refused.scope, refused.limit) == (False, "server", "freeze")
    assert refused.reset == 13
    assert not limits.admit(Target(Surface.GRAPHQL), ANONYMOUS, Cost()).admitted
    assert limits.admit(Target(Surface.HEALTH), ANONYMOUS, Cost()) is None
    clock.set(12.25)
    assert not limits.admit(stream(), CALLER, Cost()).admitted
    clock.set(12.5)
    assert limits.admit(stream(), CALLER, Cost()).remaining == 900
    assert limits.freeze is None


def test_given_a_freeze_without_an_end_then_only_release_ends_it() -> None:
    clock = VirtualClock()
    limits = Limiter(LimitRules(), clock)
    limits.start_freeze(reset=3)
    clock.set(1e6)
    assert limits.admit(stream(), CALLER, Cost()).reset == 3
    limits.release()
    assert limits.admit(stream(), CALLER, Cost()) is None


def test_given_reset_by_scope_and_glob_then_only_those_windows_are_empty() -> None:
    limits = Limiter(
        rules_of(project={"requests": "5/1m"}, run={"requests": "5/1m"}), VirtualClock()
    )
    for path in ("a/x", "a/y", "b/x"):
        limits.admit(stream(path), CALLER, Cost())
    assert limits.reset("project", "a/*") == 2
    assert {key for key, value in used(limits).items() if not value} == {
        ("project", "requests", "a/x"),
        ("project", "requests", "a/y"),
    }
    assert limits.reset(key="*/x/r1") == 2
    assert limits.reset("user") == 0
    assert limits.reset() == 6
    assert set(used(limits).values()) == {0}


def test_given_keys_gone_quiet_and_no_new_ones_then_they_are_forgotten_all_the_same() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"requests": "5/1m"}), clock)
    for number in range(3000):
        limits.admit(stream(f"e/p{number}"), CALLER, Cost())
    for minute in range(1, 4):
        clock.set(60.0 * minute)
        limits.admit(stream("e/busy"), CALLER, Cost())
    assert len(list(limits.usage())) == 1


def test_given_ever_new_keys_at_one_instant_each_then_idle_ones_do_not_pile_up() -> None:
    clock = VirtualClock()
    limits = Limiter(rules_of(project={"requests": "5/1s"}), clock)
    for number in range(20_000):
        clock.set(number / 4000)
        limits.admit(stream(f"e/p{number}"), CALLER, Cost())
    assert len(list(limits.usage())) < 10_000


def test_given_very_many_keys_then_replacing_takes_no_longer_than_their_first_requests() -> None:
    real = RealClock()
    limits = Limiter(rules_of(project={"requests": ["2/1s", "60/1m"]}), VirtualClock())
    began = real.now()
    for number in range(20_000):
        limits.admit(stream(f"e/p{number}"), CALLER, Cost())
    requests = real.now() - began
    for other in ("60/1m", ["3/1s", "60/1m"], "60/2m fixed", "60/1m"):
        began = real.now()
        limits.replace(rules_of(project={"requests": other}))
        assert real.now() - began < 3 * requests
    began = real.now()
    assert [usage.used for usage in limits.usage()] == [1] * 20_000
    assert real.now() - began < 3 * requests


@pytest.mark.parametrize(
    ("now", "then", "seconds"),
    [
        (0.0, 0.0, 1),
        (0.0, 0.5, 1),
        (0.0, 1.0, 1),
        (0.0, 1.25, 2),
        (20.5, 60.0, 40),
        (5.0, 65.0, 60),
    ],
)
def test_given_an_instant_then_the_fewest_whole_seconds_reach_it(now, then, seconds) -> None:
    assert whole_seconds(now, then) == seconds


@pytest.mark.parametrize("kind", ["rolling", "fixed", "token-bucket"])
def test_given_an_only_window_with_room_then_what_has_left_it_is_not_told_as_used(kind) -> None:
    clock = VirtualClock()  # stays before the first look for idle keys
    limits = Limiter(rules_of(project={"requests": "10/4s"}, window=kind), clock)
    for instant in (0.0, 4.0, 8.0):
        clock.set(instant)
        assert limits.admit(stream(), CALLER, Cost()).remaining == 900
