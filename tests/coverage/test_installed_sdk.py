"""All GraphQL of the installed SDK is found, and our schema takes it and answers its runs side."""

from pathlib import Path

import pytest

from mockwb.coverage.package import installed
from mockwb.coverage.survey import Survey, coverage_of
from mockwb.wire.graphql.schema_files import load_schema
from tests.coverage.gaps import gaps

# The package is searched once for all of these tests.
pytestmark = [pytest.mark.sdk, pytest.mark.xdist_group("installed_sdk")]

LISTED = Path(__file__).with_name("documents.txt")


@pytest.fixture(scope="module")
def survey() -> Survey:
    pytest.importorskip("wandb")
    return coverage_of(installed(), load_schema())


def test_given_the_installed_sdk_then_every_listed_document_is_found(survey: Survey) -> None:
    heading, *listed = LISTED.read_text(encoding="utf-8").splitlines()
    assert heading.startswith(f"# wandb {survey.version}:"), "the list is of another release"
    found = sorted(f"{v.found_in} {v.operation} {v.texts}" for v in survey.verdicts)
    assert found == sorted(listed)
    assert survey.unreadable == []


def test_given_the_installed_sdk_then_all_is_valid_and_the_runs_side_is_answered(
    survey: Survey,
) -> None:
    assert gaps(survey) == {}
