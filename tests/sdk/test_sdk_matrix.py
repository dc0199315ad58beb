"""Releases of the SDK that people still use: each logs and reads a run, with and without limits."""

from pathlib import Path

import pytest

from tests.sdk.sdk_matrix import measure_both, releases
from tests.sdk.sdk_smoke import ROWS

pytestmark = [pytest.mark.sdk, pytest.mark.slow, pytest.mark.matrix]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("release", releases(metafunc.config))


def test_given_a_release_then_its_run_comes_back_whole_and_limits_lose_nothing(
    release: str, tmp_path: Path
) -> None:
    online, limited = measure_both(release, tmp_path)
    assert (online.remarks, online.refused) == ([], {})
    assert limited.remarks == []
    assert limited.refused.keys() == {"file_stream", "graphql"}
    assert online.rows_stored == limited.rows_stored == ROWS + 1
