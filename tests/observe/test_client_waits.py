import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.client_account import Behaviour, RetryStep, Wait, together, weighted_median
from mockwb.observe.client_waits import ClientWaits, Sample


@given(st.lists(st.floats(0, 100), min_size=1, max_size=31))
def test_given_few_values_then_the_median_is_exact(values: list[float]) -> None:
    sample = Sample()
    for value in values:
        sample.add(value)
    assert sample.median() == statistics.median_low(values)


@pytest.mark.parametrize("count", [32, 100, 1000, 100_000])
def test_given_any_number_of_values_then_few_are_kept_and_the_median_stays_close(
    count: int,
) -> None:
    sample = Sample()
    for value in range(count):
        sample.add(float(value))
    kept = list(sample.weighted())
    median = sample.median()
    assert sample.count == count
    assert 16 <= len(kept) <= 32
    assert median is not None
    assert abs(median - count / 2) <= count / 16


def test_given_waits_before_first_second_and_third_retries_then_the_pattern_has_their_medians() -> (
    None
):
    waits = ClientWaits()
    for first in (1.0, 2.0, 3.0):
        waits.add(1, first, 10.0)
        waits.add(2, first * 2, 10.0)
    waits.add(3, 8.0, None)
    assert waits.backoff() == [
        RetryStep(retries=3, median_wait=2.0),
        RetryStep(retries=3, median_wait=4.0),
        RetryStep(retries=1, median_wait=8.0),
    ]
    assert waits.shortest == 1.0
    assert waits.median() == 3.0
    assert waits.median_advised() == 10.0


def test_given_advice_then_the_least_patient_wait_is_the_smallest_share_of_it() -> None:
    waits = ClientWaits()
    waits.add(1, 1.0, 1.0)
    waits.add(1, 4.0, 10.0)
    waits.add(1, 0.5, None)
    assert waits.least_patient == Wait(waited=4.0, advised=10.0)
    assert waits.shortest == 0.5


def test_given_a_client_that_never_stops_retrying_then_the_last_step_takes_the_rest() -> None:
    waits = ClientWaits()
    for attempt in range(1, 10_001):
        waits.add(attempt, 0.1, 5.0)
    steps = waits.backoff()
    assert len(steps) == 12
    assert [step.retries for step in steps] == [1] * 11 + [9_989]


def test_given_no_values_then_there_is_no_median() -> None:
    assert weighted_median([]) is None
    assert ClientWaits().median() is None
    assert ClientWaits().backoff() == []


def test_given_several_clients_then_counts_add_up_and_medians_are_weighted_by_retries() -> None:
    patient = Behaviour(
        requests=10,
        refused=1,
        retries=1,
        most_attempts=2,
        bytes_resent=5,
        shortest_wait=10.0,
        median_wait=10.0,
        least_patient=Wait(waited=10.0, advised=10.0),
        median_advised=10.0,
        backoff=[RetryStep(retries=1, median_wait=10.0)],
    )
    hasty = Behaviour(
        requests=20,
        refused=9,
        retries=9,
        premature_retries=9,
        requests_while_remaining_zero=9,
        bytes_resent=7,
        most_attempts=4,
        shortest_wait=0.5,
        median_wait=1.0,
        least_patient=Wait(waited=0.5, advised=9.0),
        median_advised=9.0,
        backoff=[RetryStep(retries=3, median_wait=1.0), RetryStep(retries=6, median_wait=2.0)],
    )
    idle = Behaviour(requests=3)
    assert together([patient, hasty, idle]) == Behaviour(
        requests=33,
        refused=10,
        retries=10,
        premature_retries=9,
        requests_while_remaining_zero=9,
        bytes_resent=12,
        most_attempts=4,
        shortest_wait=0.5,
        median_wait=1.0,
        least_patient=Wait(waited=0.5, advised=9.0),
        median_advised=9.0,
        backoff=[RetryStep(retries=4, median_wait=1.0), RetryStep(retries=6, median_wait=2.0)],
    )
    assert together([]) == Behaviour()
