"""Source: wandb SDK, ratelimittracker.go; the table was computed from it and met by 0.31.0."""

import math

import pytest

from mockwb.sdkmodel.pacing import HeaderPacing

TABLE = {
    # after response: (requests per unit, rate)
    1: (888623.93, 52428.81),
    6: (177725.59, 9597.18),
    11: (35545.92, 1741.75),
    16: (7109.98, 312.84),
    21: (1422.80, 55.489),
    26: (285.36, 9.7022),
    31: (57.872, 1.67828),
    36: (12.3744, 0.29698),
    41: (3.2749, 0.1),
}


def sends_of(
    pacing: HeaderPacing, count: int
) -> tuple[list[float], dict[int, tuple[float, float]]]:
    """Send times and estimates of a client that wants one request per second.

    Answer number i carries Remaining 60 - i and Reset 1000, and comes at once.
    """
    times, estimates, at = [], {}, 0.0
    for i in range(1, count + 1):
        at = max(at, float(i - 1))
        wait = pacing.take(at)
        assert wait is not None
        at += wait
        times.append(at)
        pacing.learn(at, str(60 - i), "1000")
        estimates[i] = (pacing.requests_per_unit, pacing.rate)
    return times, estimates


def test_given_a_shrinking_quota_then_the_estimates_follow_the_sdk_s() -> None:
    _, estimates = sends_of(HeaderPacing(), 41)
    for i, (per_unit, rate) in TABLE.items():
        assert estimates[i] == (pytest.approx(per_unit, rel=1e-4), pytest.approx(rate, rel=1e-4))


def test_given_a_shrinking_quota_then_sends_are_delayed_from_the_48th_on() -> None:
    times, _ = sends_of(HeaderPacing(), 50)
    assert times[:47] == [float(i) for i in range(47)]
    assert times[47:] == pytest.approx([55.15, 65.15, 75.15], abs=0.01)


def test_without_headers_nobody_waits() -> None:
    pacing = HeaderPacing()
    assert [pacing.take(0.0) for _ in range(10)] == [0.0] * 10
    pacing.learn(0.0, None, None)
    assert pacing.rate == 65536.0


@pytest.mark.parametrize(
    ("remaining", "reset"),
    [("-1", "60"), ("5", "-1"), ("many", "60"), ("5", None), (None, "60"), ("nan", "60")],
)
def test_headers_that_make_no_sense_change_nothing(
    remaining: str | None, reset: str | None
) -> None:
    pacing = HeaderPacing()
    pacing.take(0.0)
    pacing.learn(0.0, remaining, reset)
    assert (pacing.requests_per_unit, pacing.rate) == (1.0, 65536.0)


def test_a_window_about_to_end_is_not_learned_from() -> None:
    pacing = HeaderPacing()
    pacing.learn(0.0, "5", "1")
    assert pacing.requests_per_unit == 1.0


def test_given_zero_remaining_in_the_first_answer_then_the_brake_is_broken_for_good() -> None:
    pacing = HeaderPacing()
    pacing.take(0.0)
    pacing.learn(0.0, "0", "1000")
    assert math.isnan(pacing.rate)
    waits = []
    for i in range(1, 200):
        waits.append(pacing.take(1.0))
        pacing.learn(1.0, str(max(1, 100 - i)), "1000")
    assert set(waits) == {0.0}


def test_given_zero_remaining_after_honest_use_then_the_brake_holds() -> None:
    pacing = HeaderPacing()
    for i in range(5):
        pacing.take(float(i))
        pacing.learn(float(i), str(50 - 10 * i), "1000")
    pacing.take(5.0)
    pacing.learn(5.0, "0", "1000")
    assert pacing.rate == 0.1


def test_given_a_wait_beyond_the_timeout_then_no_token_is_taken() -> None:
    pacing = HeaderPacing()
    sends_of(pacing, 49)
    assert pacing.take(48.0, max_wait=1.0) is None
    first = pacing.take(48.0)
    assert first is not None
    assert first > 1.0


def test_the_rate_changes_only_what_comes_after() -> None:
    pacing = HeaderPacing()
    times, _ = sends_of(pacing, 48)
    assert pacing.rate == 0.1
    assert pacing.take(times[-1] + 10.0) == pytest.approx(0.0, abs=1e-6)
