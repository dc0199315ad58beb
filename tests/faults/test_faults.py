"""Rules: which requests they strike, and that a rerun strikes the same ones."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.clock import VirtualClock
from mockwb.faults.faults import Faults, TakenNameError
from mockwb.faults.rule import FaultRule
from mockwb.faults.subject import Subject, version_in
from mockwb.target import Surface, Target
from mockwb.yaml_file import convert

Request = tuple[str, Surface]
REQUESTS = st.tuples(
    st.sampled_from(["a", "b", "c"]), st.sampled_from([Surface.FILE_STREAM, Surface.GRAPHQL])
)


def rule(**fields: Any) -> FaultRule:
    return convert({"what": {"kind": "status"}, **fields}, FaultRule)


def faults(*rules: FaultRule, seed: int = 0, clock: VirtualClock | None = None) -> Faults:
    return Faults(clock or VirtualClock(), seed, rules)


def subject(
    run: str | None = "r1",
    surface: Surface = Surface.FILE_STREAM,
    project: str = "vision",
    operation: str | None = None,
    **more: str,
) -> Subject:
    return Subject(Target(surface, "team", project, run, operation), "ada", **more)


def struck(of: Faults, count: int, **request: Any) -> list[bool]:
    return [of.decide(subject(**request)) is not None for _ in range(count)]


@pytest.mark.parametrize(
    ("match", "hit", "miss"),
    [
        ({"endpoint": "graphql"}, {"surface": Surface.GRAPHQL}, {}),
        ({"operation": "Upsert*"}, {"operation": "UpsertBucket"}, {"operation": "Viewer"}),
        ({"operation": "*"}, {"operation": "Viewer"}, {"operation": None}),
        ({"project": "team/vis*"}, {}, {"project": "audio"}),
        ({"run": "r?"}, {}, {"run": "r10"}),
        ({"run": "*"}, {}, {"run": None}),
        ({"user_agent": "wandb-core*"}, {"user_agent": "wandb-core"}, {"user_agent": "curl"}),
        ({"sdk_version": "0.16.*"}, {"sdk_version": "0.16.6"}, {"sdk_version": "0.31.0"}),
    ],
)
def test_given_a_match_then_only_what_fits_it_is_struck(match, hit, miss) -> None:
    of = faults(rule(match=match))
    assert struck(of, 1, **hit) == [True]
    assert struck(of, 1, **miss) == [False]
    (state,) = of.states
    assert (state.matched, state.acted) == (1, 1)


def test_given_numbers_then_only_those_requests_are_meant() -> None:
    of = faults(rule(match={"from_number": 3, "to_number": 4, "run": "r1"}))
    assert struck(of, 3, run="other") == [False] * 3
    assert struck(of, 6) == [False, False, True, True, False, False]
    assert of.states[0].matched == 2


def test_given_first_then_the_first_are_struck_from_where_it_begins() -> None:
    assert struck(faults(rule(when={"first": 2})), 4) == [True, True, False, False]
    of = faults(rule(match={"from_number": 2}, when={"first": 2}))
    assert struck(of, 5) == [False, True, True, False, False]


def test_given_every_nth_then_each_nth_is_struck() -> None:
    assert struck(faults(rule(when={"every_nth": 3})), 7) == [False, False, True] * 2 + [False]


def test_given_numbers_per_run_then_runs_do_not_count_for_each_other() -> None:
    of = faults(rule(when={"first": 1, "per": "run"}))
    assert [struck(of, 2, run=run) for run in ("a", "b")] == [[True, False], [True, False]]
    of = faults(rule(when={"first": 1}))
    assert [struck(of, 2, run=run) for run in ("a", "b")] == [[True, False], [False, False]]


def test_given_two_rules_then_each_counts_for_itself_and_both_are_named() -> None:
    of = faults(
        rule(name="slow", what={"kind": "latency", "time": "2s"}),
        rule(name="down", when={"every_nth": 2}),
    )
    first, second = of.decide(subject()), of.decide(subject())
    assert first is not None
    assert second is not None
    assert first.by == (("slow", "latency"),)
    assert second.by == (("slow", "latency"), ("down", "status"))
    assert second.effect.delay == 2
    assert second.effect.answer is not None


def test_given_a_kind_of_one_surface_then_others_are_spared() -> None:
    of = faults(rule(what={"kind": "graphql_error"}))
    assert struck(of, 1) == [False]
    assert struck(of, 1, surface=Surface.GRAPHQL) == [True]


def test_given_names_then_they_are_unique_and_made_up_where_none_is_given() -> None:
    of = faults()
    assert not of.active
    assert [of.add(rule()).name for _ in range(3)] == ["status", "status-2", "status-3"]
    assert of.active
    of.add(rule(name="mine"))
    with pytest.raises(TakenNameError, match="'mine'"):
        of.add(rule(name="mine"))
    assert of.remove("status-2")
    assert not of.remove("status-2")
    assert [state.name for state in of.states] == ["status", "status-3", "mine"]
    of.replace([])
    assert not of.active
    assert struck(of, 1) == [False]


def test_given_a_rule_of_the_same_name_at_the_start_then_the_later_one_counts() -> None:
    of = faults(rule(name="x"), rule(name="x", what={"kind": "stall"}))
    assert [state.kind for state in of.states] == ["stall"]


def outcomes(requests: Sequence[Request], seed: int, probability: float) -> dict[Any, bool]:
    """(request, ordinal of the request among its like) -> whether it was struck."""
    of = faults(rule(name="flaky", when={"probability": probability}), seed=seed)
    seen: dict[Request, int] = {}
    found = {}
    for run, surface in requests:
        ordinal = seen[run, surface] = seen.get((run, surface), 0) + 1
        hit = of.decide(subject(run, surface)) is not None
        found[run, surface, ordinal] = hit
    return found


@given(
    requests=st.lists(REQUESTS, max_size=60),
    order=st.randoms(use_true_random=False),
    seed=st.integers(),
    probability=st.floats(0, 1),
)
def test_given_the_same_seed_then_a_rerun_fails_the_same_requests_whatever_their_order(
    requests, order, seed, probability
) -> None:
    again = list(requests)
    order.shuffle(again)
    assert outcomes(requests, seed, probability) == outcomes(again, seed, probability)


@given(seeds=st.lists(st.integers(0, 10**9), min_size=2, max_size=2, unique=True))
def test_given_another_seed_then_other_requests_fail(seeds) -> None:
    requests = [("a", Surface.FILE_STREAM)] * 100
    one, other = (outcomes(requests, seed, 0.5) for seed in seeds)
    assert one != other


@pytest.mark.parametrize("apart", [False, True])
def test_given_ids_that_the_sdk_makes_up_then_a_rerun_with_others_fails_the_same(apart) -> None:
    def hits(first: str, second: str) -> list[list[bool]]:
        of = faults(rule(name="flaky", when={"probability": 0.5}))
        where = {"project": "other"} if apart else {}
        return [struck(of, 30, run=first), struck(of, 30, run=second, **where)]

    found = hits("x8dk20pq", "abcdefgh")
    assert found == hits("0f9a8b7c", "zzzzzzz1")
    assert found[0] != found[1]


@given(runs=st.lists(st.sampled_from(["x8dk20pq", "0f9a8b7c", "named-run"]), max_size=40))
def test_given_ids_made_up_and_others_then_what_comes_in_between_changes_nothing(runs) -> None:
    of, alone = (faults(rule(name="flaky", when={"probability": 0.5})) for _ in range(2))
    found = [of.decide(subject(run)) is not None for run in ["x8dk20pq", *runs]]
    hits = [hit for run, hit in zip(["x8dk20pq", *runs], found, strict=True) if run == "x8dk20pq"]
    assert hits == struck(alone, len(hits), run="qqqqqqq1")


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 1.0])
def test_given_a_probability_then_about_that_share_of_requests_is_struck(probability) -> None:
    of = faults(rule(when={"probability": probability}))
    share = sum(sum(struck(of, 100, run=f"r{i}")) for i in range(50)) / 5000
    assert share == pytest.approx(probability, abs=0.03)


@given(
    seed=st.integers(),
    distribution=st.sampled_from(["normal", "lognormal", "spikes"]),
    attempts=st.integers(1, 20),
)
def test_given_random_latency_then_a_rerun_waits_as_long(seed, distribution, attempts) -> None:
    what = {"kind": "latency", "distribution": distribution}

    def delays(others: int) -> list[float]:
        of = faults(rule(name="slow", what=what), seed=seed)
        for i in range(others):
            of.decide(subject(f"other-{i}"))
        found = [of.decide(subject()) for _ in range(attempts)]
        return [each.effect.delay for each in found if each is not None]

    assert delays(0) == delays(7)
    assert len(delays(0)) == attempts


DURATIONS = st.integers(0, 50)


@given(
    after=DURATIONS,
    lasts=st.none() | DURATIONS,
    every=st.none() | st.integers(1, 50),
    times=st.lists(st.integers(0, 200), min_size=1, max_size=20),
)
def test_given_a_schedule_then_it_strikes_in_its_stretches_since_it_was_added(
    after, lasts, every, times
) -> None:
    clock = VirtualClock(now=1000)
    of = faults(rule(when={"after": after, "for": lasts, "every": every}), clock=clock)
    for time in sorted(times):
        clock.set(1000 + time)
        stretches = [after] if every is None else range(after, 201, every)
        on = any(
            begin <= time < (float("inf") if lasts is None else begin + lasts)
            for begin in stretches
        )
        assert (of.decide(subject()) is not None) == on, time


def test_given_a_schedule_then_only_requests_within_it_count() -> None:
    clock = VirtualClock()
    of = faults(rule(when={"after": "10s", "first": 1}), clock=clock)
    assert struck(of, 5) == [False] * 5
    clock.set(10)
    assert struck(of, 2) == [True, False]
    assert of.states[0].matched == 2


@pytest.mark.parametrize(
    ("agent", "version"),
    [
        ("W&B Internal Client 0.16.6", "0.16.6"),
        ("W&B Public Client 0.31.0", "0.31.0"),
        ("wandb-core", ""),
        ("wandb-core/0.32.0.dev1", "0.32.0.dev1"),
        ("Python/3.11 aiohttp/3.14.5", ""),
        ("", ""),
    ],
)
def test_given_a_user_agent_then_only_the_sdks_own_versions_are_read(agent, version) -> None:
    assert version_in(agent) == version
