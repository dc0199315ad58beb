"""The fixed window against a log of every cost."""

import copy
import math

from hypothesis import example, given
from hypothesis import strategies as st

from mockwb.limits.windows.fixed import FixedWindow
from tests.limits.windows.exact import LIMITS, Log, costs

LENGTHS = st.sampled_from([60.0, 1.0, 0.1, 1 / 3, 0.001, 86_400.0])


@given(st.data(), LIMITS, LENGTHS)
def test_given_any_traffic_then_each_window_admits_exactly_its_limit(data, limit, length) -> None:
    window, log, now = FixedWindow(limit, length), Log(), 100.0
    for _ in range(data.draw(st.integers(0, 60))):
        gap = data.draw(st.sampled_from([0.0, 1e-9, 0.25, 0.5, 0.75, 1.0, 1.5, 3.0])) * length
        cost = data.draw(st.sampled_from(costs(limit)))
        now += gap
        fits = log.fixed(now, length) + cost <= limit
        way = data.draw(st.sampled_from(["take", "fits and charge", "debt", "resize"]))
        if way == "take":
            assert window.take(now, cost) == fits
        elif way == "resize":
            limit = data.draw(LIMITS)
            window.resize(now, limit)
            continue
        else:
            assert window.fits(now, cost) == fits
            if fits or way == "debt":
                window.charge(now, cost)
        if fits or way == "debt":
            log.add(now, cost)
        assert window.used == log.fixed(now, length)
        then = window.passes_at(now, cost)
        assert (then > now) == (window.used > 0 and window.used + cost > limit)
        assert cost > limit or copy.deepcopy(window).fits(then, cost)
        empty = copy.deepcopy(window)
        empty.expire(window.empty_at(now))
        assert empty.used == 0
        told = [(log.instants[-1], window.used)] if window.used else []
        assert list(window.history(now)) == told


@given(st.floats(0.001, 1000.0), st.integers(0, 10**9), st.integers(-2, 2))
@example(0.1, 3, 0)
def test_given_the_clock_at_an_edge_then_the_window_ends_later(length, number, ulps) -> None:
    now = number * length
    for _ in range(abs(ulps)):
        now = math.nextafter(now, math.copysign(math.inf, ulps))
    now = max(0.0, now)
    window = FixedWindow(1, length)
    assert window.take(now, 1)
    assert not window.take(now, 1)
    ends = window.empty_at(now)
    assert ends > now
    assert not window.fits(math.nextafter(ends, 0.0), 1)
    assert window.take(ends, 1)


def test_given_an_edge_then_up_to_twice_the_limit_comes_within_a_length() -> None:
    window = FixedWindow(3, 60.0)
    assert sum(window.take(59.0, 1) for _ in range(5)) == 3
    assert sum(window.take(60.0, 1) for _ in range(5)) == 3
