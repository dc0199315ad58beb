import pytest

from mockwb.observe.quantiles import Quantiles
from mockwb.simulate.lags import Lags


def test_without_rows_there_is_nothing_to_say() -> None:
    assert Lags().quantiles() is None


@pytest.mark.parametrize(("rows", "times"), [(1, 1), (3, 2), (15, 1), (100, 7)])
def test_quantiles_are_nearly_those_of_single_rows(rows: int, times: int) -> None:
    lags, exact = Lags(), Quantiles()
    for _ in range(times):
        lags.add(rows, 0.5, 15.0)
        lags.add(rows, 2.0, 2.0)
        exact.add_all([0.5 + 14.5 * (row + 0.5) / rows for row in range(rows)])
        exact.add_all([2.0] * rows)
    found = lags.quantiles()
    assert found is not None
    assert found.largest == 15.0
    for share in (0.5, 0.75, 0.95):
        assert found.at(share) == pytest.approx(exact.at(share), abs=1.5)
