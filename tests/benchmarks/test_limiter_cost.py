import pytest

from tests.benchmarks.limiter_cost import CASES, cost_of, counting, deciding

MOST = {"one": 150, "four": 300}
"""Look-ups with an increment that a decision may cost: three times what a quiet machine shows."""


@pytest.mark.parametrize("case", CASES)
def test_given_windows_then_a_decision_costs_no_more_than_so_many_lookups(case: str) -> None:
    ratios: list[float] = []
    most = MOST[case.partition(" ")[0]]
    while len(ratios) < 4 and min(ratios, default=most) >= most:
        unit = cost_of(counting, rounds=5, count=10_000)
        ratios.append(cost_of(deciding(case), rounds=5, count=5000) / unit)
    assert min(ratios) < most
