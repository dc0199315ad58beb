"""The rolling window against a plain log of every admitted cost."""

from hypothesis import given
from hypothesis import strategies as st

from mockwb.limits.windows.rolling import ENTRIES, RollingWindow

LENGTH = 60.0
RESOLUTION = LENGTH / 2048

gaps = st.one_of(
    st.just(0.0),
    st.floats(0.0, RESOLUTION / 3),
    st.floats(0.0, LENGTH / 10),
    st.sampled_from([RESOLUTION, LENGTH - RESOLUTION, LENGTH, LENGTH * 1.5]),
)
arrivals = st.lists(st.tuples(gaps, st.integers(0, 12)), max_size=120)
limits = st.sampled_from([0, 1, 2, 5, 20, 10**12])


class Log:
    """Exact accounting: every admitted cost with its time."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, int]] = []

    def used(self, now: float, length: float) -> int:
        return sum(cost for at, cost in self.entries if at + length > now)


def play(window: RollingWindow, log: Log, steps: list[tuple[float, int]]):
    """Offer each cost in turn; yields (now, cost, admitted) before it is logged."""
    now = 100.0
    for gap, cost in steps:
        now += gap
        admitted = window.fits(now, cost)
        yield now, cost, admitted
        if admitted:
            window.charge(now, cost)
            log.entries.append((now, cost))


@given(limits, arrivals)
def test_given_any_arrivals_then_no_interval_holds_more_than_the_limit(limit, steps) -> None:
    window, log = RollingWindow(limit, LENGTH), Log()
    for now, cost, admitted in play(window, log, steps):
        if admitted:
            assert log.used(now, LENGTH) + cost <= limit


@given(limits, arrivals)
def test_given_a_refusal_then_exact_accounting_refuses_too_within_the_resolution(
    limit, steps
) -> None:
    window, log = RollingWindow(limit, LENGTH), Log()
    for now, cost, admitted in play(window, log, steps):
        if not admitted:
            assert log.used(now, LENGTH + RESOLUTION * (1 + 1e-9)) + cost > limit


@given(limits, arrivals)
def test_given_a_refusal_then_the_same_cost_passes_when_it_was_told_to_and_not_before(
    limit, steps
) -> None:
    window, log = RollingWindow(limit, LENGTH), Log()
    for now, cost, admitted in play(window, log, steps):
        if admitted or cost > limit:
            continue
        wait = window.passes_at(now, cost) - now
        assert wait > 0
        # As the log has it, the cost does not fit earlier than that by more than the resolution.
        early = now + wait - RESOLUTION - 1e-6
        assert early < now or log.used(early, LENGTH) + cost > limit
        assert window.fits(now + wait + 1e-9, cost)
        return


@given(arrivals)
def test_given_silence_then_the_window_is_empty_when_it_said_and_not_before(steps) -> None:
    window, log = RollingWindow(20, LENGTH), Log()
    now = 100.0
    for now, _, _ in play(window, log, steps):  # noqa: B007 -- the last one counts
        pass
    window.expire(now)
    wait = window.empty_at(now) - now
    held = [at for at, cost in log.entries if at + LENGTH > now]
    assert wait == (max(held) + LENGTH - now if held else 0.0)
    if wait > 1e-3:
        assert log.used(now + wait - 1e-6, LENGTH) == sum(
            cost for at, cost in log.entries if at == held[-1] or at + LENGTH > now + wait - 1e-6
        )
    window.expire(now + wait + 1e-9)
    assert window.used == 0


def test_given_a_long_steady_stream_then_memory_stays_bounded() -> None:
    window = RollingWindow(10**9, LENGTH)
    for step in range(40_000):
        now = step * LENGTH / 10_000
        window.expire(now)
        window.charge(now, 1)
    entries = len(window._expiries)
    assert entries <= 2 * ENTRIES
    assert window.used == 10_000 or abs(window.used - 10_000) <= 10_000 / ENTRIES + 1


def test_given_a_full_window_then_its_edge_lets_nothing_extra_through() -> None:
    window = RollingWindow(10, LENGTH)
    window.expire(59.9)
    window.charge(59.9, 10)
    assert not window.fits(60.1, 1)
    assert not window.fits(119.8, 1)
    assert window.fits(119.9, 10)
