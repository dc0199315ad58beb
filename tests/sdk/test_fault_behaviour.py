"""What two releases of the SDK make of faults: the table of the README, measured anew."""

from pathlib import Path

import pytest

from tests.sdk.fault_behaviour import CASES, RELEASES, measure_all, table

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_given_both_releases_then_they_do_what_the_readme_says(tmp_path: Path) -> None:
    told = measure_all(tmp_path)
    assert set(told) == {(case, release) for case in CASES for release in RELEASES}
    for line in table(told).splitlines():
        assert line in README
