"""Counting keys: exact while all hashes fit, a bounded estimate beyond."""

import random

from hypothesis import given
from hypothesis import strategies as st

from mockwb.observe.guidance.key_sketch import CAPACITY, KeySketch

NAMES = st.lists(st.text(max_size=3), max_size=300)


@given(NAMES)
def test_given_keys_that_fit_then_the_count_is_that_of_a_set(names: list[str]) -> None:
    sketch, exact = KeySketch(capacity=300), set()
    for name in names:
        assert sketch.add(name) is (name not in exact)
        exact.add(name)
        assert sketch.count == len(exact)
    assert sketch.exact
    assert sketch.error == 0


@given(st.integers(0, 2**32), st.integers(0, 20_000))
def test_given_more_keys_than_fit_then_the_estimate_is_near_a_set(seed: int, extra: int) -> None:
    capacity = 1_000
    rng = random.Random(seed)
    sketch, exact = KeySketch(capacity), set()
    for _ in range(capacity + 1 + extra):
        hashed = rng.getrandbits(64) - 2**63
        for _ in range(rng.choice((1, 1, 2))):
            sketch.add_hash(hashed)
            exact.add(hashed)
    assert not sketch.exact
    assert sketch.count > capacity
    # Eight times the standard error: once in 10^15 by chance.
    assert abs(sketch.count - len(exact)) <= 8 * sketch.error * len(exact)


def test_given_one_more_key_than_the_range_of_the_page_then_it_is_counted_exactly() -> None:
    sketch = KeySketch()
    for number in range(100_001):
        sketch.add(f"metric/{number}")
    assert (sketch.count, sketch.exact) == (100_001, True)


def test_given_many_more_keys_then_memory_stays_and_the_error_is_as_stated() -> None:
    sketch = KeySketch()
    rng = random.Random(1)
    for _ in range(400_000):
        sketch.add_hash(rng.getrandbits(64) - 2**63)
    assert len(sketch._hashes) == len(sketch._largest) == CAPACITY
    assert 0.002 < sketch.error < 0.003
    assert abs(sketch.count - 400_000) < 5 * sketch.error * 400_000
