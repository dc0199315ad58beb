import msgspec
import pytest

from mockwb.sdkmodel.settings import FILELESS, QUIET, SdkSettings


@pytest.mark.parametrize(
    ("given", "used"), [(0, 15.0), (0.5, 15.0), (-3, 15.0), (1, 1.0), (2.9, 2.0), (60, 60.0)]
)
def test_the_transmit_interval_is_cut_to_whole_seconds(given: float, used: float) -> None:
    assert SdkSettings(x_file_stream_transmit_interval=given).transmit_interval == used


@pytest.mark.parametrize(("given", "used"), [(100_000, 10_485_760), (20_000_000, 20_000_000)])
def test_the_request_size_can_only_be_raised(given: int, used: int) -> None:
    assert SdkSettings(x_file_stream_max_bytes=given).max_request_bytes == used


def test_seconds_that_are_not_positive_mean_the_default() -> None:
    settings = SdkSettings(
        x_graphql_retry_max=-1, x_graphql_retry_wait_min_seconds=0.9, x_graphql_timeout_seconds=0
    )
    assert settings.graphql_policy == SdkSettings().graphql_policy


def test_given_waits_and_timeouts_count_in_whole_seconds() -> None:
    policy = SdkSettings(
        x_file_stream_retry_max=3,
        x_file_stream_retry_wait_min_seconds=1.9,
        x_file_stream_retry_wait_max_seconds=8,
        x_file_stream_timeout_seconds=5.5,
    ).file_stream_policy
    assert policy == (3, 1.0, 8.0, 5.0)


def test_unknown_settings_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="x_file_stream_transmit_intervall"):
        msgspec.convert({"x_file_stream_transmit_intervall": 1}, SdkSettings)


def test_presets_build_on_each_other() -> None:
    assert QUIET.x_primary
    assert not FILELESS.x_primary
    assert FILELESS.x_disable_stats
