import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.backend.sampling import sampled, sampled_steps


@given(st.integers(0, 300), st.integers(0, 100))
def test_samples_are_as_many_as_asked_for_in_order_with_both_ends(rows: int, samples: int) -> None:
    found = list(sampled(range(rows), samples))
    assert len(found) == min(rows, samples)
    assert found == sorted(set(found))
    if samples >= 2 and rows:
        assert (found[0], found[-1]) == (0, rows - 1)


@pytest.mark.parametrize(("samples", "count"), [(None, 500), (-1, 0), (1, 1)])
def test_the_number_of_samples_may_be_odd(samples: int | None, count: int) -> None:
    assert len(sampled(range(1000), samples)) == count


def test_rows_of_one_step_come_together_or_not_at_all() -> None:
    rows = [(step, writer) for step in range(10) for writer in "ab"]
    assert sampled_steps(rows, 10, lambda row: row[0]) == rows
    some = sampled_steps(rows, 2, lambda row: row[0])
    assert some == [(0, "a"), (0, "b"), (9, "a"), (9, "b")]
    assert sampled_steps(rows[::2], 3, lambda row: row[0]) == sampled(rows[::2], 3)
