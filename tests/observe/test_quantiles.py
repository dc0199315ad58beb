from hypothesis import given
from hypothesis import strategies as st

from mockwb.observe.quantiles import Quantiles

DURATIONS = st.floats(min_value=1e-6, max_value=1e7)


@given(st.lists(DURATIONS, min_size=1), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_given_any_durations_then_a_quantile_is_right_to_a_twentieth(
    durations: list[float], share: float
) -> None:
    quantiles = Quantiles()
    for duration in durations:
        quantiles.add(duration)
    ordered = sorted(durations)
    exact = next(value for n, value in enumerate(ordered, 1) if n >= share * len(ordered) - 1e-9)
    assert exact * (1 - 1e-9) <= quantiles.at(share) <= exact * 1.051
    assert quantiles.largest == max(durations)


@given(st.lists(DURATIONS, min_size=1))
def test_given_durations_at_once_then_they_count_as_one_by_one(durations: list[float]) -> None:
    at_once, singly = Quantiles(), Quantiles()
    at_once.add_all(durations)
    for duration in durations:
        singly.add(duration)
    shares = (0.1, 0.5, 0.95, 1.0)
    assert [at_once.at(share) for share in shares] == [singly.at(share) for share in shares]


def test_given_nothing_then_quantiles_are_0() -> None:
    assert (Quantiles().at(0.5), Quantiles().largest) == (0.0, 0.0)
