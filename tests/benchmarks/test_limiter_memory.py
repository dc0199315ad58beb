import sys

import pytest

from tests.benchmarks.limiter_memory import CASES, KEYS, growth_in_own_process, table_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MOST_PER_KEY = 64 * 1024


@pytest.mark.slow
def test_given_50000_projects_all_full_then_they_fit_in_a_gigabyte_with_room(
    capsys: pytest.CaptureFixture[str],
) -> None:
    grown = growth_in_own_process(CASES[-1], KEYS)
    with capsys.disabled():
        print(f"\n{KEYS:,} keys: {grown.resident / 1e6:,.0f} MB")
    # Less than the arrays hold would mean that the windows were not filled.
    assert 5_000 * KEYS < grown.resident < 1_000_000_000
    assert table_of({"both": grown}).row_count == 1


@pytest.mark.parametrize("amount", [1, 500, 1000, 1001, 60_000, 10**9, 10**15])
def test_given_any_limit_then_a_key_takes_at_most_64_kilobytes(amount: int) -> None:
    grown = growth_in_own_process([f"{amount}/1m"], 1000)
    assert grown.per_key <= MOST_PER_KEY
