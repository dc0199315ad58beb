"""The rolling window against a log of every cost; its memory."""

import copy
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.limits.windows.rolling import ENTRIES, RollingWindow
from tests.limits.windows.exact import GAPS, LENGTH, LIMITS, Log, costs, just_before

WAYS = ["take", "fits and charge", "debt", "expire"]


@st.composite
def traffic(draw: st.DrawFn) -> tuple[int, list[tuple[float, str, int]]]:
    """A limit and (gap, way, cost) for each arrival."""
    limit = draw(LIMITS)
    steps = st.tuples(GAPS, st.sampled_from(WAYS), st.sampled_from(costs(limit)))
    return limit, draw(st.lists(steps, max_size=80))


def offer(window: RollingWindow, log: Log, way: str, now: float, cost: int) -> bool | None:
    """Bring `cost`; whether it was admitted, None if nobody asked."""
    if way == "expire":
        window.expire(now)
        return None
    if way == "take":
        admitted = window.take(now, cost)
    else:
        admitted = window.fits(now, cost)
        if admitted or way == "debt":
            window.charge(now, cost)
    if admitted or way == "debt":
        log.add(now, cost)
    return admitted


def size_of(window: RollingWindow) -> int:
    """Bytes, arrays and all."""
    held = [getattr(window, name) for name in RollingWindow.__slots__]
    return sys.getsizeof(window) + sum(map(sys.getsizeof, held))


def entries_of(window: RollingWindow, now: float) -> int:
    return sum(1 for _ in window.history(now))


@given(traffic())
def test_given_any_traffic_then_never_too_much_and_at_most_a_thousandth_too_little(given_) -> None:
    limit, steps = given_
    window, log, now = RollingWindow(limit, LENGTH), Log(), 100.0
    for gap, way, cost in steps:
        now += gap
        used = log.rolling(now)
        admitted = offer(window, log, way, now, cost)
        if admitted:
            assert used + cost <= limit
        elif admitted is False:
            assert used + cost > limit - limit / 1000
        window.expire(now)
        assert 0 <= window.used - log.rolling(now) <= limit / 1000


@given(
    st.integers(1, 1000),
    st.lists(st.tuples(GAPS, st.sampled_from(["take", "fits and charge"])), max_size=200),
)
def test_given_up_to_a_thousand_single_requests_then_accounting_is_exact(limit, steps) -> None:
    window, log, now = RollingWindow(limit, LENGTH), Log(), 100.0
    for gap, way in steps:
        now += gap
        fits = log.rolling(now) + 1 <= limit
        assert offer(window, log, way, now, 1) == fits


@given(traffic())
def test_given_a_refusal_then_it_passes_when_told_and_would_not_have_before(given_) -> None:
    limit, steps = given_
    window, log, now = RollingWindow(limit, LENGTH), Log(), 100.0
    for gap, way, cost in steps:
        now += gap
        if offer(window, log, way, now, cost) is not False or cost > limit:
            continue
        then = window.passes_at(now, cost)
        assert then > now or way == "debt"
        early = just_before(then)
        assert early < now or log.rolling(early) + cost > limit - limit / 1000
        later = copy.deepcopy(window)
        assert later.fits(then, cost)
        assert copy.deepcopy(window).take(then, cost)


@given(traffic())
def test_given_silence_then_the_window_is_empty_when_it_said_and_not_before(given_) -> None:
    limit, steps = given_
    window, log, now = RollingWindow(limit, LENGTH), Log(), 100.0
    for gap, way, cost in steps:
        now += gap
        offer(window, log, way, now, cost)
        then = window.empty_at(now)
        assert log.rolling(then) == 0
        assert just_before(then) < now or log.rolling(just_before(then)) > 0
        later = copy.deepcopy(window)
        later.expire(then)
        assert later.used == 0
        assert later.passes_at(then, limit + 1) == then


@given(traffic(), st.lists(LIMITS, min_size=1, max_size=5))
def test_given_other_limits_in_flight_then_each_counts_from_then_on(given_, limits) -> None:
    limit, steps = given_
    window, log, now = RollingWindow(limit, LENGTH), Log(), 100.0
    tolerance = max(limit, *limits) / 1000
    for index, (gap, way, cost) in enumerate(steps):
        now += gap
        if index % 7 == 6:
            limit = limits[index % len(limits)]
            window.resize(now, limit)
        used = log.rolling(now)
        admitted = offer(window, log, way, now, cost)
        if admitted:
            assert used + cost <= limit
        elif admitted is False:
            assert used + cost > limit - tolerance


@given(traffic())
def test_given_costs_of_zero_in_between_then_nothing_changes(given_) -> None:
    limit, steps = given_
    plain, zeros = RollingWindow(limit, LENGTH), RollingWindow(limit, LENGTH)
    log, other_log, now = Log(), Log(), 100.0
    for gap, way, cost in steps:
        now += gap
        assert zeros.fits(now, 0) == zeros.take(now, 0) == (zeros.used <= limit)
        zeros.charge(now, 0)
        assert offer(zeros, other_log, way, now, cost) == offer(plain, log, way, now, cost)
        assert zeros.empty_at(now) == plain.empty_at(now)


def test_given_debts_by_the_thousand_then_decisions_stay_exact_and_memory_bounded() -> None:
    limit = 500
    window, log = RollingWindow(limit, LENGTH), Log()
    for step in range(40_000):
        now = step * LENGTH / 20_000
        window.charge(now, 1)
        log.add(now, 1)
        assert size_of(window) < 64 * 1024
    # What is used may look older by 1/64 of the length than it is, but decides nothing.
    assert 0 <= window.used - log.rolling(now) <= 20_000 / 64 + limit / 1000 + 1
    last = now
    for step in range(10_000):
        now = last + step * LENGTH / 10_000
        assert window.fits(now, 1) == (log.rolling(now) + 1 <= limit)


def test_given_debts_and_a_limit_of_zero_then_they_are_forgotten_in_time() -> None:
    window = RollingWindow(0, LENGTH)
    for step in range(20_000):
        now = step * LENGTH / 2000
        window.charge(now, 7)
    assert 2000 * 7 <= window.used <= 2000 * 7 * (1 + 1 / 32)
    assert size_of(window) < 64 * 1024
    window.expire(window.empty_at(now))
    assert window.used == 0


def test_given_the_most_entries_that_fit_then_they_take_64_kilobytes_at_most() -> None:
    limit = 10**15
    window = RollingWindow(limit, LENGTH)
    now = 0.0
    for _ in range(5):
        # No two neighbours go together.
        while window.take(now, 1) and window.take(now, limit // ENTRIES):
            now += LENGTH / 10_000
        assert size_of(window) < 64 * 1024
        assert entries_of(window, now) > ENTRIES
        limit *= 2
        window.resize(now, limit)
        now += LENGTH / 3


def test_given_limits_that_grow_in_flight_then_entries_do_not_pile_up() -> None:
    window = RollingWindow(1000, LENGTH)
    now = 0.0
    for power in range(1, 40):
        limit = 1000 * 2**power
        window.resize(now, limit)
        while window.take(now, max(1, limit // 2000)):
            now += 1e-6
        assert size_of(window) < 64 * 1024


def test_given_a_full_window_then_it_takes_as_little_as_the_limit_allows() -> None:
    for limit, cost, most in ((500, 1, 7), (60_000, 1, 12), (120_000_000, 2000, 16)):
        window = RollingWindow(limit, LENGTH)
        for step in range(3 * limit // cost):
            window.take(step * LENGTH / (limit // cost), cost)
        assert window.used >= 0.99 * limit
        assert size_of(window) < most * 1024


def test_given_totals_that_outgrow_their_type_then_nothing_is_lost() -> None:
    window, log = RollingWindow(10, 1.0), Log()
    for step, cost in enumerate((1, 300, 2**15, 2**16, 2**31, 2**33, 2**62, 2**64, 2**70, 1, 1)):
        now = 10.0 + step / 16
        window.charge(now, cost)
        log.add(now, cost)
    for step in range(30):
        now = 10.0 + step / 16
        if now > 10.7:
            window.expire(now)
            assert window.used == log.rolling(now, 1.0)


def test_given_a_long_life_then_totals_start_over_without_a_trace() -> None:
    window, log = RollingWindow(3000, LENGTH), Log()
    for step in range(200_000):
        now = step * LENGTH / 2800
        used = log.rolling(now)
        if window.take(now, 1):
            log.add(now, 1)
            assert used + 1 <= 3000
        else:
            assert used + 1 > 3000 - 3
    assert window._totals.itemsize == 2


def test_given_a_full_window_then_its_edge_lets_nothing_extra_through() -> None:
    window = RollingWindow(10, LENGTH)
    window.charge(59.9, 10)
    assert not window.fits(60.1, 1)
    assert not window.fits(119.8, 1)
    assert window.fits(119.9, 10)


@pytest.mark.parametrize("count", [3073, 3074, 3075, 3080, 3200])
def test_given_debts_just_merged_then_what_decides_is_as_exact_as_before(count) -> None:
    window, log = RollingWindow(500, LENGTH), Log()
    for step in range(count):
        now = step * LENGTH / 20_000
        window.charge(now, 1)
        log.add(now, 1)
    last = now
    for step in range(20_000):
        now = last + step * LENGTH / 20_000
        assert window.fits(now, 1) == (log.rolling(now) + 1 <= 500)


def test_given_a_much_lower_limit_then_costs_no_longer_share_an_entry_begun_before() -> None:
    window = RollingWindow(50_000, LENGTH)
    assert window.take(0.0, 1)
    window.resize(1.0, 3)
    assert window.take(10.0, 1)
    assert window.take(20.0, 1)
    assert not window.take(59.0, 1)
    assert window.passes_at(59.0, 1) == 60.0
    assert window.take(60.0, 1)
    assert not window.take(69.0, 1)
    assert window.take(70.0, 1)


def test_given_an_entry_that_grew_after_a_look_then_it_leaves_with_its_last_cost() -> None:
    window = RollingWindow(2000, 10.0)
    assert window.take(0.0, 1)
    window.expire(5.0)
    assert window.take(6.0, 1)  # in the same entry
    assert window.take(7.0, 1000)
    assert window.take(8.0, 998)
    assert not window.take(11.0, 2)
    assert window.take(16.0, 2)
