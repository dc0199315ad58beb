import pytest

from tests.benchmarks.cases import CASES, Case
from tests.benchmarks.comparison import Effort, compare
from tests.benchmarks.file_stream import table_of

TARGET = 0.6
"""Of the floor's requests per second, with limits and metrics on."""


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_given_the_same_load_then_mockwb_reaches_the_target_share_of_the_floor(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    comparison = compare(case, Effort(rounds=5, seconds=0.6, runs=64))
    with capsys.disabled():
        print(f"\n{case.name}: {comparison.ratio:.2f} of the floor")
    assert comparison.ratio >= TARGET, [
        (round(floor.requests_per_second), round(ours.requests_per_second))
        for floor, ours in comparison.rounds
    ]
    assert table_of([comparison]).row_count == 1
