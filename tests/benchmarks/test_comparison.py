import pytest

from tests.benchmarks.comparison import Comparison, Measured


def measured(rate: float, cpu: float = 0.001) -> Measured:
    return Measured(requests_per_second=rate, cpu_per_request=cpu, p99=0.01, driver_busy=0.3)


def test_given_a_round_that_was_disturbed_then_the_median_ratio_does_not_mind() -> None:
    rounds = [(measured(100), measured(60)), (measured(10), measured(60))]
    rounds.append((measured(200), measured(120)))
    assert Comparison("case", rounds).ratio == pytest.approx(0.6)


def test_given_processor_time_then_its_ratio_is_floor_over_mockwb_and_unknown_without() -> None:
    both = (measured(100, cpu=0.001), measured(60, cpu=0.002))
    assert Comparison("case", [both]).cpu_ratio == pytest.approx(0.5)
    unknown = (measured(100, cpu=0.0), measured(60, cpu=0.002))
    assert Comparison("case", [both, unknown]).cpu_ratio is None
