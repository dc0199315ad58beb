"""The token bucket against one in fractions."""

import copy

from hypothesis import given
from hypothesis import strategies as st

from mockwb.limits.windows.token_bucket import TICKS, TokenBucket
from tests.limits.windows.exact import GAPS, LENGTH, LIMITS, Bucket, costs

STEPS = st.sampled_from(["take", "fits and charge", "debt", "resize"])


@given(st.data(), LIMITS)
def test_given_any_traffic_then_it_never_admits_what_an_exact_bucket_would_not(data, limit) -> None:
    bucket, exact, now = TokenBucket(limit, LENGTH), Bucket(limit), 100.0
    # Instants are rounded to ticks, to the disadvantage of who asks.
    rounding = 0
    for _ in range(data.draw(st.integers(0, 60))):
        now += data.draw(GAPS)
        rounding += 2
        cost = data.draw(st.sampled_from(costs(limit)))
        missing = exact.at_instant(now)
        way = data.draw(STEPS)
        if way == "resize":
            limit = data.draw(st.sampled_from([1, 2, 20, 1000, 10**15]))
            bucket.resize(now, limit)
            exact.limit = limit
            continue
        admitted = bucket.take(now, cost) if way == "take" else bucket.fits(now, cost)
        if way != "take" and (admitted or way == "debt"):
            bucket.charge(now, cost)
        if admitted:
            assert missing + cost <= limit
        elif limit:
            assert missing + cost > limit - 10**15 / LENGTH / TICKS * rounding
        if admitted or way == "debt":
            exact.missing += cost
        if not limit:
            return
        then = bucket.passes_at(now, cost)
        if cost <= limit:
            assert copy.deepcopy(bucket).take(then, cost)
            if now < then < 1e6:
                assert not copy.deepcopy(bucket).fits(then - 2 / TICKS, cost)
        empty = copy.deepcopy(bucket)
        empty.expire(bucket.empty_at(now))
        assert empty.used == 0


@given(st.floats(0.001, 1e6), st.floats(0.0, 1e9), st.integers(1, 10**15))
def test_given_any_length_then_it_passes_when_told_and_a_full_bucket_is_full(
    length, now, limit
) -> None:
    bucket = TokenBucket(limit, length)
    assert bucket.take(now, limit)
    assert not bucket.take(now, 1)
    assert copy.deepcopy(bucket).take(bucket.passes_at(now, 1), 1)
    assert copy.deepcopy(bucket).take(bucket.empty_at(now), limit)


def test_given_tiny_shares_then_none_is_lost_to_rounding() -> None:
    bucket = TokenBucket(10**15, LENGTH)
    for _ in range(1000):
        assert bucket.take(1e6, 1)
    assert bucket.used == 1000


def test_given_a_limit_of_zero_then_nothing_passes_and_debts_are_forgotten() -> None:
    bucket = TokenBucket(0, LENGTH)
    assert not bucket.take(5.0, 1)
    bucket.charge(5.0, 3)
    bucket.charge(30.0, 4)
    assert bucket.used == 7
    assert bucket.empty_at(30.0) == 65.0
    bucket.expire(64.9)
    assert bucket.used == 7
    bucket.expire(65.0)
    assert bucket.used == 0


def test_given_a_full_bucket_then_up_to_twice_the_limit_comes_within_a_length() -> None:
    bucket = TokenBucket(3, 60.0)
    assert [bucket.take(at, 1) for at in (0.0, 0.0, 0.0, 0.0)] == [True, True, True, False]
    assert sum(bucket.take(at, 1) for at in (20.0, 40.0, 59.9, 60.0)) == 3


def test_given_a_faster_rate_within_a_tick_then_the_part_before_it_does_not_count_twice() -> None:
    bucket, exact = TokenBucket(1, LENGTH), Bucket(1)
    bucket.charge(0.0, 10**8)
    exact.missing += 10**8
    exact.at_instant(0.5 / TICKS)
    exact.limit = 10**15
    bucket.resize(0.5 / TICKS, 10**15)
    for tick in (1, 2, 3):
        bucket.expire(tick / TICKS)
        assert bucket.used >= exact.at_instant(tick / TICKS)
