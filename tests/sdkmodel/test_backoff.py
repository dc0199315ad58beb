"""Source: wandb SDK 0.31 on the wire; waits double from 2 s, Retry-After counts exactly."""

from random import Random

import pytest

from mockwb.sdkmodel.backoff import parse_retry_after, retry_wait
from mockwb.sdkmodel.settings import RetryPolicy, SdkSettings

POLICY = RetryPolicy(max_retries=20, min_wait=2.0, max_wait=60.0, timeout=30.0)
NEW_YEAR = 1_767_225_600.0


@pytest.mark.parametrize(
    ("retry", "shortest"), [(0, 2.0), (1, 4.0), (2, 8.0), (3, 16.0), (4, 32.0)]
)
def test_waits_double_and_jitter_adds_up_to_a_quarter(retry: int, shortest: float) -> None:
    random = Random(1)
    waits = [retry_wait(POLICY, retry, None, random) for _ in range(500)]
    assert shortest <= min(waits) < shortest * 1.01
    assert shortest * 1.24 < max(waits) < shortest * 1.25


@pytest.mark.parametrize("retry", [5, 6, 100, 10_000])
def test_waits_are_capped_with_jitter_included(retry: int) -> None:
    assert retry_wait(POLICY, retry, None, Random(1)) == 60.0


@pytest.mark.parametrize("retry_after", [0.0, 0.5, 3.5, 600.0])
def test_a_server_s_wish_counts_exactly_even_beyond_the_longest_wait(retry_after: float) -> None:
    assert retry_wait(POLICY, 3, retry_after, Random(1)) == retry_after


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        (["7"], 7.0),
        (["3.5"], 3.5),
        (["0"], 0.0),
        (["Thu, 01 Jan 2026 00:01:30 GMT"], 90.0),
        (["Wed, 31 Dec 2025 23:59:59 GMT"], None),
        (["-1"], None),
        (["soon"], None),
        (["nan"], None),
        (["inf"], None),
        ([""], None),
        ([], None),
        (["5", "5"], None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nothing_else(
    values: list[str], seconds: float | None
) -> None:
    assert parse_retry_after(values, NEW_YEAR) == seconds


def test_the_default_policies_are_the_sdk_s() -> None:
    settings = SdkSettings()
    assert settings.file_stream_policy == RetryPolicy(10085, 2.0, 60.0, 180.0)
    assert settings.graphql_policy == RetryPolicy(20, 2.0, 60.0, 30.0)
    assert settings.file_transfer_policy == RetryPolicy(20, 2.0, 60.0, None)
