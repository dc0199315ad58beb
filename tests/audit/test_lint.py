"""What an audit says of findings and deliveries."""

from typing import Any

import pytest

from mockwb.account import Account, Delivery, RunAccount, Verdict
from mockwb.audit.lint import figures, violations
from mockwb.audit.script_run import Audited
from mockwb.guidance import Finding, Guidance, KeyFigure, ProjectFigures

ROWS = "wandb-history.jsonl"


def audited(*runs: RunAccount, guidance: Guidance | None = None, **calls: int) -> Audited:
    return Audited(0, Account(runs=list(runs)), guidance or Guidance(), calls)


def run(verdict: Verdict, **told: Any) -> RunAccount:
    delivery = Delivery(verdict=verdict, **told)
    requests = {"file_stream": {"200": 1}}
    return RunAccount(entity="e", project="p", run="r", requests=requests, delivery=delivery)


def test_given_whole_runs_within_all_ranges_then_nothing_is_found() -> None:
    assert violations(audited(run("complete"), run("complete with duplicates suppressed"))) == []


def test_given_missing_lines_then_they_are_named() -> None:
    (line,) = violations(audited(run("incomplete", missing=[(ROWS, 3, 5), ("output.log", 1, 2)])))
    assert line == (
        f"e/p/r: delivery: incomplete: {ROWS}: lines 3 to 4 missing, output.log: line 1 missing"
    )


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((None, None), ""),
        ((9, 9), ""),
        ((9, 29), " and had logged up to step 29, the last row is of step 9"),
        ((None, 29), " and had logged up to step 29, no row arrived"),
    ],
)
def test_given_a_run_that_never_ended_then_that_is_said_and_how_far_it_got(steps, said) -> None:
    last, logged = steps
    lost = run("incomplete", end_unknown=True, last_step=last, last_step_logged=logged)
    (line,) = violations(audited(lost))
    assert line == f"e/p/r: delivery: incomplete: it ended without a finish mark{said}"


def test_given_rows_that_others_took_the_place_of_then_that_is_found() -> None:
    changed = run("complete")
    changed.rows_changed = 1200
    (line,) = violations(audited(changed))
    assert line.startswith("e/p/r: delivery: 1,200 rows were overwritten by others")


def test_given_a_finding_then_place_amount_range_and_advice_are_one_line() -> None:
    finding = Finding(
        range="value_size",
        entity="e",
        project="p",
        run="r",
        key="wide",
        measured=5,
        limit=1000,
        unit="bytes",
        peak=2000,
        since=0,
        advice="log less",
    )
    (line,) = violations(audited(run("complete"), guidance=Guidance(findings=[finding])))
    assert line == (
        "e/p/r: value_size (wide): 2kB since 1970-01-01T00:00:00Z, guidance is 1kB; log less"
    )


def test_given_figures_then_the_biggest_keys_and_the_most_frequent_callers_are_named() -> None:
    project = ProjectFigures(
        entity="e",
        project="p",
        largest_groups=[KeyFigure(key="layer", amount=1200)],
        largest_values=[KeyFigure(key="wide", amount=20_000)],
    )
    found = audited(run("complete"), guidance=Guidance(projects=[project]), **{"train.py:4": 9})
    assert list(figures(found)) == [
        "e/p/r: 0 rows, 0 values; delivery complete",
        "e/p: most metrics begin with: layer (1,200)",
        "e/p: largest values: wide (20,000 B)",
        "train.py:4: 9 calls of log()",
    ]
