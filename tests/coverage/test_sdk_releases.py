"""Releases of the SDK that people still use: the schema takes all that each of them asks."""

import pytest

from mockwb.coverage.package import from_release
from mockwb.coverage.survey import coverage_of
from mockwb.coverage.verdicts import RUNS
from mockwb.wire.graphql.schema_files import load_schema
from tests.coverage.gaps import gaps
from tests.sdk.sdk_matrix import releases

pytestmark = [pytest.mark.sdk, pytest.mark.slow, pytest.mark.matrix]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("release", releases(metafunc.config))


def test_given_a_release_then_all_it_asks_is_valid_and_the_runs_side_is_answered(
    release: str,
) -> None:
    survey = coverage_of(from_release(release), load_schema())
    assert survey.version == release
    assert survey.unreadable == []
    assert gaps(survey) == {}
    answered = [verdict for verdict in survey.verdicts if verdict.side == RUNS]
    assert len(answered) > 80, "documents of every release are found"
