"""What a window that replaces others counts: all that any of them remembers, once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.limits.windows.carry_over import carry_over
from mockwb.limits.windows.kinds import make_window
from tests.limits.windows.exact import LENGTH, LIMITS, Log, costs

SHAPES = st.tuples(
    st.sampled_from(["rolling", "fixed"]),
    st.sampled_from([LENGTH / 7, LENGTH / 2, LENGTH, LENGTH * 3]),
)


def remembered(old, log: Log, now: float) -> int:
    """How many of the last events `old` knows of, by its definition."""
    if old.kind == "rolling":
        return sum(at + old.window.length > now for at in log.instants)
    return sum(at // old.window.length == now // old.window.length for at in log.instants)


class Old:
    def __init__(self, kind: str, limit: int, length: float) -> None:
        self.kind = kind
        self.window = make_window(kind, limit, length)


@given(st.data(), LIMITS, LIMITS, st.lists(SHAPES, min_size=1, max_size=3, unique=True), SHAPES)
def test_given_former_windows_then_the_new_one_never_admits_beyond_what_they_know(
    data, limit, new_limit, shapes, new_shape
) -> None:
    olds = [Old(kind, limit, length) for kind, length in shapes]
    log, now = Log(), 1000.0
    for _ in range(data.draw(st.integers(0, 40))):
        now += data.draw(st.sampled_from([0.0, 0.25, LENGTH / 16, LENGTH / 4, LENGTH]))
        cost = data.draw(st.sampled_from(costs(limit)))
        if data.draw(st.booleans()) and not all(old.window.fits(now, cost) for old in olds):
            continue
        for old in olds:
            old.window.charge(now, cost)
        log.add(now, cost)
    now += data.draw(st.sampled_from([0.0, 0.25, LENGTH / 4, LENGTH]))
    count = max(remembered(old, log, now) for old in olds)
    kind, length = new_shape
    window = make_window(kind, new_limit, length)
    carry_over(window, [old.window for old in olds], now)
    known = Log()
    for index in range(len(log.instants) - count, len(log.instants)):
        known.add(log.instants[index], log.sums[index + 1] - log.sums[index])
    only_rolling = kind == "rolling" and all(old.kind == "rolling" for old in olds)
    for _ in range(20):
        cost = data.draw(st.sampled_from(costs(new_limit)))
        used = (known.rolling if kind == "rolling" else known.fixed)(now, length)
        if window.take(now, cost):
            assert used + cost <= new_limit
            known.add(now, cost)
        elif only_rolling:
            assert used + cost > new_limit - max(limit, new_limit) / 1000
        now += data.draw(st.sampled_from([0.0, LENGTH / 16, LENGTH / 3]))


@pytest.mark.parametrize("former", ["rolling", "fixed", "token-bucket"])
@pytest.mark.parametrize("kind", ["rolling", "fixed", "token-bucket"])
@pytest.mark.parametrize("length", [30.0, 60.0, 120.0])
def test_given_another_kind_or_length_then_a_full_window_stays_full(former, kind, length) -> None:
    old = make_window(former, 5, 60.0)
    assert sum(old.take(1201.0, 1) for _ in range(9)) == 5
    window = make_window(kind, 5, length)
    carry_over(window, [old], 1201.5)
    assert window.used == 5
    assert not window.take(1201.5, 1)
    assert window.take(window.passes_at(1201.5, 1), 1)


def test_given_a_longer_window_that_has_just_begun_then_the_rolling_one_speaks() -> None:
    rolling, fixed = make_window("rolling", 5, 60.0), make_window("fixed", 50, 3600.0)
    for at in (3590.0, 3595.0, 3601.0):
        for old in (rolling, fixed):
            assert old.take(at, 1)
    window = make_window("rolling", 3, 120.0)
    carry_over(window, [rolling, fixed], 3602.0)
    assert window.used == 3
    assert window.passes_at(3602.0, 1) == 3590.0 + 120.0


def test_given_a_longer_fixed_window_then_it_speaks_for_what_the_rolling_one_forgot() -> None:
    rolling, fixed = make_window("rolling", 5, 10.0), make_window("fixed", 50, 3600.0)
    for at in (3700.0, 3800.0):
        for old in (rolling, fixed):
            assert old.take(at, 1)
    window = make_window("rolling", 3, 600.0)
    carry_over(window, [rolling, fixed], 3801.0)
    assert window.used == 2
