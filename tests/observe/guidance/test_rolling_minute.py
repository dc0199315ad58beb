"""The fullest minute, compared with counting every window of all that happened."""

from hypothesis import given
from hypothesis import strategies as st

from mockwb.observe.guidance.rolling_minute import MOST_SECONDS, RollingMinute

NEWS = st.lists(st.tuples(st.integers(0, 400), st.integers(1, 20)), min_size=1, max_size=120)


def fullest(news: list[tuple[int, int]]) -> int:
    return max(sum(amount for at, amount in news if last - 60 < at <= last) for last, _ in news)


@given(NEWS)
def test_given_seconds_in_any_order_then_the_peak_is_the_fullest_window(
    news: list[tuple[int, int]],
) -> None:
    minute = RollingMinute(limit=50)
    for at, amount in news:
        minute.put(at, amount)
    newest = max(at for at, _ in news)
    assert minute.now() == sum(amount for at, amount in news if at > newest - 60)
    assert minute.peak == fullest(news)


@given(NEWS, st.integers(0, 200))
def test_given_a_limit_then_it_is_noticed_at_once_and_only_when_a_window_is_beyond_it(
    news: list[tuple[int, int]], limit: int
) -> None:
    minute = RollingMinute(limit)
    for number, (at, amount) in enumerate(news, start=1):
        minute.put(at, amount)
        assert (minute.peak > limit) is (fullest(news[:number]) > limit)


def test_given_a_steady_rate_below_the_limit_for_hours_then_it_is_never_beyond() -> None:
    minute = RollingMinute(limit=1000)
    for second in range(20_000):
        minute.put(second, 16)
    assert minute.now() == minute.peak == 960
    assert len(minute._seconds) <= MOST_SECONDS


def test_given_two_runs_whose_clocks_lie_far_apart_then_their_minutes_do_not_mix() -> None:
    minute = RollingMinute(limit=1000)
    for second in range(2_000):
        minute.put(second, 10)
        minute.put(1_000_000 + second, 10)
    minute.weigh()
    assert minute.peak == 600
