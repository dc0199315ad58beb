from itertools import pairwise
from statistics import mean

import msgspec
import pytest

from mockwb.scenario.ramp import Ramp
from mockwb.yaml_file import FileError, decode, parse_yaml


class Holder(msgspec.Struct):
    ramp: Ramp


def ramp(text: str) -> Ramp:
    return decode(parse_yaml(f"ramp: {text}", "s.yaml"), Holder).ramp


@pytest.mark.parametrize(
    ("text", "count", "starts"),
    [
        ("0", 3, [0, 0, 0]),
        ("8s", 4, [0, 2, 4, 6]),
        ("{batch: 2, every: 10s}", 5, [0, 0, 10, 10, 20]),
        ("[{to: 2, for: 10s}, {to: 2, for: 1m}, {to: 100%, for: 4s}]", 4, [0, 5, 70, 72]),
        ("[{to: 0, for: 10s}, {to: 50%, for: 0s}, {to: 6, for: 3s}]", 6, [10, 10, 10, 10, 11, 12]),
    ],
)
def test_given_a_pattern_then_each_client_starts_at_its_time(text, count, starts) -> None:
    assert list(ramp(text).starts(count, "seed")) == starts
    assert ramp(text).problem(count) is None


def test_given_poisson_then_gaps_are_as_long_as_asked_on_average_and_vary() -> None:
    starts = ramp("{poisson: 2s}").starts(5000, "seed")
    gaps = [after - before for before, after in pairwise(starts)]
    assert len(starts) == 5000
    assert starts[0] == 0
    assert 1.9 < mean(gaps) < 2.1
    short, long = sum(gap < 1 for gap in gaps), sum(gap > 4 for gap in gaps)
    assert 0.36 < short / 5000 < 0.42  # 1 - exp(-1/2)
    assert 0.11 < long / 5000 < 0.16  # exp(-2)


def test_given_the_same_seed_then_the_same_starts_and_others_with_another() -> None:
    pattern = ramp("{poisson: 2s}")
    assert ramp("{poisson: 2s}").starts(10, "a") == pattern.starts(10, "a")
    assert pattern.starts(10, "a") != pattern.starts(10, "b")


@pytest.mark.parametrize(
    ("text", "count", "problem"),
    [
        ("[{to: 4, for: 1s}, {to: 2, for: 1s}]", 2, "stages that go up, got 4, 2 clients"),
        ("[{to: 3, for: 1s}]", 5, "the last stage goes to 3 clients, and there are 5"),
    ],
)
def test_given_stages_that_leave_clients_out_then_that_is_a_problem(text, count, problem) -> None:
    assert problem in (ramp(text).problem(count) or "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "fast",
            r"ramp: expected a duration such as 30s, {batch: .*, got 'fast'",
        ),
        ("{batch: 0, every: 1s}", r"ramp\.batch: expected `int` >= 1"),
        ("{batches: 2, every: 1s}", r"ramp\.batches: unknown key; expected one of batch, every"),
        ("{poisson: often}", r"ramp\.poisson: expected a duration"),
        ("[]", r"ramp: expected `array` of length >= 1"),
        ("[{to: 5, for: 1s}, {to: most, for: 1s}]", r"ramp\[1\]\.to: expected a number of clients"),
        ("[{to: 120%, for: 1s}]", r"ramp\[0\]\.to: expected a number of clients or a share"),
    ],
)
def test_given_what_is_no_ramp_then_the_error_says_what_would_be(text, message) -> None:
    with pytest.raises(FileError, match=message):
        ramp(text)


@pytest.mark.parametrize(
    "text", ["1m30s", "{batch: 2, every: 10s}", "{poisson: 500ms}", "[{to: 50%, for: 1m}]"]
)
def test_given_a_ramp_then_it_is_written_as_it_is_read(text) -> None:
    assert ramp(text).to_config() == parse_yaml(text, "").data
