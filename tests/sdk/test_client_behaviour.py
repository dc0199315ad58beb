"""How real clients take a limit, as the server tells: the claims of the table in the README."""

import importlib.metadata

import pytest

from tests.sdk.client_behaviour import (
    NAIVE,
    NEW_SDK,
    OLD,
    OLD_SDK,
    Contestant,
    Outcome,
    RetryAfter,
    measure_all,
    table,
)

# The clients run once for all of these tests.
pytestmark = [pytest.mark.sdk, pytest.mark.slow, pytest.mark.xdist_group("client_behaviour")]

CASES: dict[tuple[str, RetryAfter], Contestant] = {
    ("new", "off"): NEW_SDK,
    ("new", "reset"): NEW_SDK,
    ("old", "off"): OLD_SDK,
    ("old", "reset"): OLD_SDK,
    ("naive", "reset"): NAIVE,
}

Outcomes = dict[tuple[str, RetryAfter], Outcome]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    cases = [(contestant, retry_after) for (_, retry_after), contestant in CASES.items()]
    measured = measure_all(cases, tmp_path_factory.mktemp("clients"))
    return dict(zip(CASES, measured, strict=True))


def test_nobody_loses_rows_and_everybody_meets_the_limit(outcomes: Outcomes) -> None:
    for outcome in outcomes.values():
        assert outcome.rows_lost == 0
        assert outcome.behaviour.retries == outcome.behaviour.refused > 0


def test_the_server_knows_the_version_of_each_sdk(outcomes: Outcomes) -> None:
    new, old = outcomes["new", "off"].behaviour, outcomes["old", "off"].behaviour
    assert (new.user_agent, new.sdk_version) == (
        "wandb-core",
        importlib.metadata.version("wandb"),
    )
    assert (old.user_agent, old.sdk_version) == (f"W&B Internal Client {OLD}", OLD)
    assert outcomes["naive", "reset"].behaviour.sdk_version is None


def test_the_sdk_waits_as_told_by_retry_after(outcomes: Outcomes) -> None:
    seen = outcomes["new", "reset"].behaviour
    assert seen.premature_retries == 0
    assert seen.least_patient is not None
    assert seen.least_patient.share >= 1
    assert seen.most_attempts == 2


@pytest.mark.parametrize("case", [("new", "off"), ("old", "off"), ("old", "reset")])
def test_the_sdk_backs_off_by_its_own_clock_without_it_and_the_old_one_always(
    outcomes: Outcomes, case: tuple[str, RetryAfter]
) -> None:
    seen = outcomes[case].behaviour
    assert seen.premature_retries > 0
    first, second = seen.backoff[:2]
    # Twice as long, give or take the quarter that both add at random.
    assert 1.5 < second.median_wait / first.median_wait < 2.7


def test_who_sends_again_at_once_is_premature_each_time(outcomes: Outcomes) -> None:
    seen = outcomes["naive", "reset"].behaviour
    assert seen.premature_retries > 0.99 * seen.retries
    assert seen.most_attempts > 100
    assert seen.least_patient is not None
    assert seen.least_patient.share < 0.1
    assert seen.bytes_resent > 10 * outcomes["new", "reset"].behaviour.bytes_resent
    assert seen.requests_while_remaining_zero >= seen.premature_retries


def test_the_table_has_a_row_for_each(outcomes: Outcomes) -> None:
    lines = table([(case[1], outcome) for case, outcome in outcomes.items()]).splitlines()
    assert len(lines) == 2 + len(CASES)
    assert len({line.count("|") for line in lines}) == 1
