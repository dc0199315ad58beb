"""Human units, both ways."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockwb.units import (
    LONGEST,
    exact_duration,
    format_duration,
    format_size,
    parse_duration,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("90s", 90),
        ("1m", 60),
        ("1h30m", 5400),
        ("2d", 172800),
        (3, 3),
        (0.25, 0.25),
    ],
)
def test_given_a_duration_then_it_is_read_in_seconds(text, seconds) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "1 parsec", "-3s", "1m x", None, True, [], float("inf")])
def test_given_no_duration_then_the_error_says_what_was_expected(text) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("10MB", 10**7), ("64KiB", 65536), ("1.5kB", 1500), ("512", 512), (7, 7), ("3B", 3)],
)
def test_given_a_size_then_it_is_read_in_bytes(text, size) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "1XB", "-1", -1, 1.5, None, True])
def test_given_no_size_then_the_error_says_what_was_expected(text) -> None:
    with pytest.raises(ValueError, match="expected a size"):
        parse_size(text)


@given(st.integers(1, 10**6))
def test_given_whole_seconds_then_text_reads_back_as_the_same(seconds) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.floats(0, LONGEST, exclude_max=True))
@example(863999999.9999999)
def test_given_any_duration_then_exact_text_reads_back_as_the_same(seconds) -> None:
    assert parse_duration(exact_duration(seconds)) == seconds


@pytest.mark.parametrize("value", [10**400, 1e300, "9" * 400 + "s", "10000d"])
def test_given_27_years_then_it_is_no_duration(value) -> None:
    with pytest.raises(ValueError, match="less than 10000d"):
        parse_duration(value)


@pytest.mark.parametrize("value", [10**400, "9" * 400 + "B", "10001TB"])
def test_given_more_than_numbers_hold_exactly_then_it_is_no_size(value) -> None:
    with pytest.raises(ValueError, match="at most 10000TB"):
        parse_size(value)


def test_given_sizes_then_text_is_short() -> None:
    assert [format_size(s) for s in (0, 512, 1500, 999_992, 10**7, 2 * 10**12)] == [
        "0B",
        "512B",
        "1.5kB",
        "1MB",
        "10MB",
        "2TB",
    ]
