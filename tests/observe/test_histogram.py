import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.observe.histogram import Histogram


def test_given_values_on_and_between_bounds_then_each_bucket_counts_all_up_to_its_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 7.0):
        histogram.observe(value)
    assert histogram.cumulative() == [("1.0", 2), ("2.0", 3), ("+Inf", 4)]
    assert histogram.sum == 10.0


@given(st.lists(st.floats(0, 1000)))
def test_given_any_values_then_counts_equal_a_count_by_hand(values: list[float]) -> None:
    bounds = (0.1, 1.0, 10.0, 100.0)
    histogram = Histogram(bounds)
    for value in values:
        histogram.observe(value)
    by_hand = [sum(value <= bound for value in values) for bound in bounds]
    assert [count for _, count in histogram.cumulative()] == [*by_hand, len(values)]


@pytest.mark.parametrize("values", [[0.2, 0.3], [0.2, 3.0, 7.0]])
def test_given_values_at_once_then_they_count_as_one_by_one(values: list[float]) -> None:
    at_once, singly = Histogram((1.0, 5.0)), Histogram((1.0, 5.0))
    at_once.observe_all(values)
    for value in values:
        singly.observe(value)
    assert (at_once.cumulative(), at_once.sum) == (singly.cumulative(), singly.sum)
