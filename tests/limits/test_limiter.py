"""Decisions for whole requests: scopes, overrides, headers' figures, oversize, idle keys."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockwb.clock import VirtualClock
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules
from mockwb.target import Caller, Cost, Surface, Target
from mockwb.yaml_file import convert

CALLER = Caller("someone")


def limiter(clock: VirtualClock, **rules) -> Limiter:
    return Limiter(convert(rules, LimitRules), clock)


def stream(path: str = "team/vision", run: str = "r1") -> Target:
    entity, project = path.split("/")
    return Target(Surface.FILE_STREAM, entity, project, run)


def test_given_no_limits_then_there_is_nothing_to_say() -> None:
    assert limiter(VirtualClock()).admit(stream(), CALLER, Cost()) is None


def test_given_a_full_window_then_429_figures_tell_when_it_is_empty() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "3/1m"})
    remaining = [limits.admit(stream(), CALLER, Cost()).remaining for _ in range(3)]
    clock.set(20.5)
    refused = limits.admit(stream(), CALLER, Cost())
    assert remaining == [666, 333, 0]
    assert not refused.admitted
    assert (refused.scope, refused.limit, refused.remaining) == ("project", "requests", 0)
    assert refused.reset == 40  # 39.5 s, rounded up
    clock.set(60.0)
    assert limits.admit(stream(), CALLER, Cost()).admitted


def test_given_reset_next_then_the_figure_is_when_this_request_passes() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "2/1m"}, reset="next")
    for at in (0.0, 30.0):
        clock.set(at)
        assert limits.admit(stream(), CALLER, Cost()).admitted
    clock.set(40.0)
    assert limits.admit(stream(), CALLER, Cost()).reset == 20
    clock.set(60.0)
    assert limits.admit(stream(), CALLER, Cost()).admitted


def test_given_reset_at_the_last_instant_then_it_is_never_below_one() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "1/1s"})
    limits.admit(stream(), CALLER, Cost())
    clock.set(0.999)
    assert limits.admit(stream(), CALLER, Cost()).reset == 1


def test_given_two_windows_then_the_tightest_speaks_and_a_refusal_charges_neither() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "10/1m", "bytes": "1000B/1m"})
    first = limits.admit(stream(), CALLER, Cost(1, 900))
    assert (first.limit, first.remaining) == ("bytes", 100)
    for _ in range(20):
        refused = limits.admit(stream(), CALLER, Cost(1, 200))
        assert (refused.admitted, refused.limit) == (False, "bytes")
    used = {usage.limit: usage.used for usage in limits.usage()}
    assert used == {"requests": 1, "bytes": 900}


def test_given_both_windows_full_then_the_one_that_lasts_longer_is_named() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "1/10s", "bytes": "100B/1m"})
    assert limits.admit(stream(), CALLER, Cost(1, 100)).admitted
    assert limits.admit(stream(), CALLER, Cost(1, 100)).limit == "bytes"


def test_given_a_scaled_remainder_below_one_then_zero_is_kept_for_nothing_left() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"bytes": "1000000B/1m"})
    assert limits.admit(stream(), CALLER, Cost(1, 999_999)).remaining == 1
    assert limits.admit(stream(), CALLER, Cost(1, 1)).remaining == 0


def test_given_a_remaining_floor_then_no_answer_goes_below_it() -> None:
    limits = limiter(VirtualClock(), project={"requests": "1/1m"}, remaining_floor=1)
    assert limits.admit(stream(), CALLER, Cost()).remaining == 1
    assert limits.admit(stream(), CALLER, Cost()).remaining == 1


@pytest.mark.parametrize(
    ("setting", "expected"), [("off", None), ("reset", 60), ("next", 50), ("7s", 7)]
)
def test_given_retry_after_settings_then_refusals_carry_it(setting, expected) -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "2/1m"}, retry_after=setting)
    limits.admit(stream(), CALLER, Cost())
    clock.set(10.0)
    admitted = limits.admit(stream(), CALLER, Cost())
    assert admitted.retry_after is None
    assert limits.admit(stream(), CALLER, Cost()).retry_after == expected


def test_given_overrides_then_the_first_glob_that_matches_counts() -> None:
    limits = limiter(
        VirtualClock(),
        project={
            "requests": "1/1m",
            "overrides": [
                {"match": "team/big", "requests": "unlimited"},
                {"match": "team/*", "requests": "2/1m"},
            ],
        },
    )
    admitted = {
        path: sum(
            decision is None or decision.admitted
            for decision in (limits.admit(stream(path), CALLER, Cost()) for _ in range(5))
        )
        for path in ("team/big", "team/small", "other/one")
    }
    assert admitted == {"team/big": 5, "team/small": 2, "other/one": 1}


def test_given_only_an_override_then_other_projects_stay_unlimited() -> None:
    rules = {"overrides": [{"match": "a/b", "bytes": "10B/1m"}]}
    limits = limiter(VirtualClock(), project=rules)
    assert limits.admit(stream("x/y"), CALLER, Cost(1, 10**9)) is None
    assert limits.admit(stream("a/b"), CALLER, Cost(1, 4)).remaining == 600


def test_given_projects_then_each_has_a_window_of_its_own_shared_by_its_runs() -> None:
    limits = limiter(VirtualClock(), project={"requests": "1/1m"})
    assert limits.admit(stream("e/p", "r1"), CALLER, Cost()).admitted
    assert not limits.admit(stream("e/p", "r2"), CALLER, Cost()).admitted
    assert limits.admit(stream("e/q", "r1"), CALLER, Cost()).admitted


def test_given_graphql_then_file_stream_limits_do_not_apply() -> None:
    limits = limiter(VirtualClock(), project={"requests": "0/1m"})
    assert limits.admit(Target(Surface.GRAPHQL, "team", "vision"), CALLER, Cost()) is None


def test_given_a_limit_of_zero_then_everything_is_refused() -> None:
    limits = limiter(VirtualClock(), project={"requests": "0/1m"})
    assert not limits.admit(stream(), CALLER, Cost()).admitted


def test_given_an_oversize_request_then_it_passes_alone_in_an_empty_window() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"bytes": "100B/1m"})
    assert limits.admit(stream(), CALLER, Cost(1, 1)).admitted
    assert not limits.admit(stream(), CALLER, Cost(1, 500)).admitted
    clock.set(60.0)
    assert limits.admit(stream(), CALLER, Cost(1, 500)).admitted
    clock.set(119.0)
    assert not limits.admit(stream(), CALLER, Cost(1, 1)).admitted
    clock.set(120.0)
    assert limits.admit(stream(), CALLER, Cost(1, 1)).admitted


def test_given_oversize_reject_then_the_answer_is_too_large_rather_than_later() -> None:
    limits = limiter(VirtualClock(), project={"bytes": "100B/1m"}, oversize="reject")
    decision = limits.admit(stream(), CALLER, Cost(1, 101))
    assert not decision.admitted
    assert decision.too_large
    assert limits.admit(stream(), CALLER, Cost(1, 100)).admitted


def test_given_many_projects_gone_quiet_then_they_are_forgotten() -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "5/1m"})
    for number in range(5000):
        limits.admit(stream(f"e/p{number}"), CALLER, Cost())
    clock.set(61.0)
    for _ in range(6000):
        limits.admit(stream("e/busy"), CALLER, Cost())
    assert {usage.key for usage in limits.usage()} == {"e/busy"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.001, 0.5, 3.0, 10.0, 29.9, 30.0, 60.0]),
            st.sampled_from(["e/p", "e/q"]),
            st.integers(1, 60),
        ),
        max_size=150,
    )
)
def test_given_any_traffic_then_every_project_keeps_within_both_limits(steps) -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "4/30s", "bytes": "100B/1m"})
    log: dict[str, list[tuple[float, int]]] = {"e/p": [], "e/q": []}
    for gap, path, size in steps:
        clock.set(clock.now() + gap)
        now = clock.now()
        if limits.admit(stream(path), CALLER, Cost(1, size)).admitted:
            log[path].append((now, size))
            assert sum(1 for at, _ in log[path] if at + 30 > now) <= 4
            assert sum(s for at, s in log[path] if at + 60 > now) <= 100
        else:
            # Nothing is refused that exact accounting would admit, but for the resolution.
            requests = sum(1 for at, _ in log[path] if at + 30.02 > now)
            used = sum(s for at, s in log[path] if at + 60.04 > now)
            assert requests + 1 > 4 or used + size > 100


@given(
    st.sampled_from(["empty", "next"]),
    st.lists(st.tuples(st.floats(0.0, 20.0), st.integers(1, 120)), min_size=1, max_size=60),
)
@example("empty", [(1.834583671440008, 1), (1.9999999999999964, 100)])
@example("next", [(1.834583671440008, 1), (1.9999999999999964, 100)])
def test_given_any_traffic_then_whoever_waits_for_the_reset_passes(reset, steps) -> None:
    clock = VirtualClock()
    limits = limiter(clock, project={"requests": "4/30s", "bytes": "100B/1m"}, reset=reset)
    for gap, size in steps:
        clock.set(clock.now() + gap)
        decision = limits.admit(stream(), CALLER, Cost(1, size))
        assert decision.reset >= 1
        if decision.admitted:
            continue
        clock.set(clock.now() + decision.reset)
        named = next(usage for usage in limits.usage() if usage.limit == decision.limit)
        assert reset == "next" or named.used == 0
        assert limits.admit(stream(), CALLER, Cost(1, size)).admitted
        return
