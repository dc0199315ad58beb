"""The SDK settings that shape its traffic, named as W&B names them, with the defaults of 0.31.

Scenarios hand them to real SDK processes as `WANDB_<NAME>` and to virtual runs as they are.
"""

from typing import NamedTuple

import msgspec

MEBIBYTE = 1024 * 1024


class RetryPolicy(NamedTuple):
    """How one of the SDK's HTTP clients insists."""

    max_retries: int
    min_wait: float
    """Seconds before the first retry, doubled for each further one."""
    max_wait: float
    timeout: float | None
    """Seconds per attempt, pacing included; None waits for ever."""


class SdkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one run. Waits and intervals in seconds; 0 or less means the default."""

    x_file_stream_transmit_interval: float = 0
    """Between two file_stream requests; cut to whole seconds, 15 by default."""
    x_file_stream_retry_max: int = 10085
    x_file_stream_retry_wait_min_seconds: float = 2
    x_file_stream_retry_wait_max_seconds: float = 60
    x_file_stream_timeout_seconds: float = 180
    x_file_stream_max_bytes: int = 10 * MEBIBYTE
    """Of lines in one request; only values above the default count."""
    x_file_stream_max_line_bytes: int = 10 * MEBIBYTE - 100 * 1024
    """Longer history lines are dropped."""
    x_graphql_retry_max: int = 20
    x_graphql_retry_wait_min_seconds: float = 2
    x_graphql_retry_wait_max_seconds: float = 60
    x_graphql_timeout_seconds: float = 30
    x_file_transfer_retry_max: int = 20
    x_file_transfer_retry_wait_min_seconds: float = 2
    x_file_transfer_retry_wait_max_seconds: float = 60
    x_file_transfer_timeout_seconds: float = 0
    """0 waits for ever."""
    init_timeout: float = 90
    """For everything before the run exists."""
    finish_timeout: float = 0
    """0 lets finish() wait without limit."""
    x_stats_sampling_interval: float = 15
    x_disable_stats: bool = False
    """No system metrics."""
    x_disable_viewer: bool = False
    """No Viewer query at init."""
    x_disable_meta: bool = False
    """No wandb-metadata.json."""
    x_disable_machine_info: bool = False
    """No host, disk and memory in the config's environment."""
    x_save_requirements: bool = True
    x_primary: bool = True
    """False uploads no files of the run's own."""
    x_update_finish_state: bool = True
    """False ends without telling the server that the run is over."""
    x_extra_http_headers: dict[str, str] = {}

    @property
    def transmit_interval(self) -> float:
        """Seconds between two file_stream requests, as the SDK understands the setting."""
        return float(max(0, int(self.x_file_stream_transmit_interval))) or 15.0

    @property
    def max_request_bytes(self) -> int:
        """Bytes of lines that one file_stream request takes."""
        return max(10 * MEBIBYTE, self.x_file_stream_max_bytes)

    @property
    def file_stream_policy(self) -> RetryPolicy:
        """About 7 days of trying."""
        return _policy(
            (self.x_file_stream_retry_max, 10085),
            self.x_file_stream_retry_wait_min_seconds,
            self.x_file_stream_retry_wait_max_seconds,
            float(max(0, int(self.x_file_stream_timeout_seconds))) or 180.0,
        )

    @property
    def graphql_policy(self) -> RetryPolicy:
        """About 16 minutes of trying."""
        return _policy(
            (self.x_graphql_retry_max, 20),
            self.x_graphql_retry_wait_min_seconds,
            self.x_graphql_retry_wait_max_seconds,
            float(max(0, int(self.x_graphql_timeout_seconds))) or 30.0,
        )

    @property
    def file_transfer_policy(self) -> RetryPolicy:
        """About 16 minutes of trying."""
        return _policy(
            (self.x_file_transfer_retry_max, 20),
            self.x_file_transfer_retry_wait_min_seconds,
            self.x_file_transfer_retry_wait_max_seconds,
            float(max(0, int(self.x_file_transfer_timeout_seconds))) or None,
        )


def _policy(
    retries: tuple[int, int], min_wait: float, max_wait: float, timeout: float | None
) -> RetryPolicy:
    """Whole seconds; what is not positive falls back to the SDK's own value."""
    given, default = retries
    return RetryPolicy(
        given if given > 0 else default,
        float(int(min_wait)) if min_wait >= 1 else 2.0,
        float(int(max_wait)) if max_wait >= 1 else 60.0,
        timeout,
    )


QUIET = SdkSettings(
    x_disable_stats=True, x_disable_viewer=True, x_disable_meta=True, x_save_requirements=False
)
"""Only what a run cannot do without, and two small files at its end."""

FILELESS = msgspec.structs.replace(QUIET, x_primary=False, x_disable_machine_info=True)
"""Only UpsertBucket and file_stream."""
