from dataclasses import replace

from mockwb.account import Delivery
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.reports.summary import cell, summary
from tests.scenario.accounts import client
from tests.scenario.reports.samples import reported, run


def test_the_verdict_is_on_top():
    assert summary(reported()).startswith("## ✅ small: passed: all 2 thresholds hold\n")
    failed = summary(reported(run(rows_stored=9)))
    assert failed.startswith("## ❌ small: failed: 1 of 2 thresholds does not hold\n")
    assert "1 of 10 rows are missing" in failed


def test_thresholds_and_main_figures_are_tables():
    lines = summary(reported(run(rows_stored=9))).splitlines()
    assert "| `rows.missing == 0` | 1 | **FAILS** |" in lines
    assert "| `finish_seconds.max < 30s` | 1s | holds |" in lines
    assert "| rows stored | 9 |" in lines


def test_reasons_of_failed_clients_stay_in_their_cells():
    text = summary(reported(run(clients=[client(error="a|b\n*c*", exit_code=1)])))
    assert "| w | a\\|b \\*c\\* | 1 |" in text


def test_given_more_reasons_than_anybody_reads_then_the_rest_is_counted():
    clients = [client(f"r{n}", error=f"reason {n}", exit_code=1) for n in range(14)]
    text = summary(reported(run(clients=clients)))
    assert text.count("| reason ") == 10 + 1
    assert "and 4 more reasons in report.json" in text


def test_cells_hold_text_only():
    assert cell("<b>[x](y)|") == "\\<b\\>\\[x\\](y)\\|"


def test_guidance_and_incomplete_runs_are_tables():
    broken = Delivery(verdict="incomplete", end_unknown=True)
    lines = summary(reported(run(delivery=broken))).splitlines()
    assert "| rows\\_per\\_minute | 3 | 30 rows per minute | 10 | Log less often. |" in lines
    assert "| team/p/r1 | its end: no finish mark came |" in lines
    assert "| runs incomplete | 1 |" in lines


def test_runs_that_are_not_stored_as_they_were_logged_are_named():
    check = ContentCheck(runs=3, different=["team/p/r1"])
    lines = summary(reported(replace(run(), content={"w": check}))).splitlines()
    heading = lines.index("### Runs not stored as they were logged")
    assert lines[heading + 2] == "- team/p/r1"
    assert "| runs not as logged | 1 |" in lines


def test_a_scenario_that_a_threshold_ended_early_says_so():
    report = reported(run("aborted", rows_stored=9))
    assert "small: ended early: 1 of 2 thresholds does not hold" in summary(report)
