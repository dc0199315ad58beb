"""All GraphQL of the installed SDK is found, and our schema takes and answers its runs side."""

from pathlib import Path

import pytest

from mockwb.coverage.package import installed
from mockwb.coverage.survey import Survey, coverage_of
from mockwb.coverage.verdicts import ARTIFACTS, RUNS
from mockwb.wire.graphql.schema_files import load_schema
from tests.coverage.not_yet import NOT_YET, NOT_YET_VALID

pytestmark = pytest.mark.sdk

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


def test_given_the_runs_side_then_all_of_it_is_served_but_what_is_not_yet(survey: Survey) -> None:
    gaps = {
        f"{verdict.operation} in {verdict.found_in}": verdict.errors + verdict.unanswered
        for verdict in survey.verdicts
        if verdict.side == RUNS and not verdict.answered and verdict.operation not in NOT_YET
    }
    assert gaps == {}


def test_given_an_operation_that_is_not_yet_served_then_it_has_a_gap(survey: Survey) -> None:
    gaps = {v.operation for v in survey.verdicts if v.side == RUNS and not v.answered}
    assert gaps >= NOT_YET, "served by now; take these off the list"


def test_given_the_artifacts_side_then_the_schema_takes_all_but_what_is_not_yet(
    survey: Survey,
) -> None:
    of_side = [verdict for verdict in survey.verdicts if verdict.side == ARTIFACTS]
    errors = {v.operation: v.errors for v in of_side if not v.valid}
    assert {k: v for k, v in errors.items() if k not in NOT_YET_VALID} == {}
    assert errors.keys() >= NOT_YET_VALID, "valid by now; take these off the list"
