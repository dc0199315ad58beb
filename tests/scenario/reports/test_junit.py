import xml.etree.ElementTree as ET
from dataclasses import replace

from mockwb.scenario.reports.comparison import compare
from mockwb.scenario.reports.figures_shown import headline
from mockwb.scenario.reports.junit import junit
from tests.scenario.accounts import client
from tests.scenario.reports.samples import reported, run


def cases(report) -> dict[str, ET.Element]:
    return {case.get("name"): case for case in ET.fromstring(junit(report)).iter("testcase")}


def test_each_threshold_is_a_test_and_a_failed_one_says_what_was_measured():
    found = cases(reported(run(rows_stored=9)))
    failure = found["rows.missing == 0"].find("failure")
    assert failure.get("message") == "does not hold: rows.missing == 0 (measured: 1)"
    assert "1 of 10 rows are missing" in failure.text
    assert len(found["finish_seconds.max < 30s"]) == 0


def test_the_counts_are_those_of_the_cases():
    suites = ET.fromstring(junit(reported(run(rows_stored=9))))
    (suite,) = suites
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "0")
    assert suites.get("failures") == "1"
    assert suite.get("time") == "4.250"


def test_clients_that_failed_are_errors_of_a_scenario_that_failed():
    failed = [client("r1", error="bo\x1b[31mom", exit_code=1), client("r2", error="out", rows=0)]
    report = reported(run(clients=failed), "clients.failed == 0")
    error = cases(report)["clients of w end well"].find("error")
    assert error.get("message") == "2 clients failed"
    assert error.text == "1 x bo?[31mom\n1 x out"


def test_clients_that_may_fail_are_told_and_no_errors():
    report = reported(run(clients=[client(error="boom", exit_code=1)]), "clients.failed < 5")
    assert report.exit_code == 0
    assert len(cases(report)["clients of w end well"]) == 0
    assert "w: 1 x boom" in ET.fromstring(junit(report)).find(".//system-out").text


def test_what_large_simulations_do_not_watch_is_skipped_and_fails_nothing():
    simulated = replace(run(), guidance=None)
    report = reported(simulated, "guidance.violations == 0", "rows.missing == 0")
    assert report.exit_code == 0
    assert headline(report) == "Passed: 1 threshold holds"
    skipped = cases(report)["guidance.violations == 0"].find("skipped")
    assert skipped.get("message") == "nothing, as simulations of so many rows do not watch it"
    assert ET.fromstring(junit(report)).get("skipped") == "1"
    watched = reported(run(), "guidance.violations == 0", "rows.missing == 0")
    changes = [change.change for change in compare(watched, report).thresholds]
    assert changes == ["gone", "holds"]


def test_what_a_server_that_is_gone_could_not_say_holds_no_threshold():
    gone = replace(run("broken"), behaved=None, guidance=None, broken_by="gone")
    report = reported(gone, "rows.missing == 0", "premature_retries == 0")
    assert [outcome.holds for outcome in report.thresholds] == [True, False]
    assert report.exit_code == 1
    error = cases(report)["the scenario is played to its end"].find("error")
    assert error.get("message") == "ended by a server that failed"
    assert error.text.startswith("gone; ")


def test_a_scenario_that_was_interrupted_is_an_error():
    error = cases(reported(run("interrupted")))["the scenario is played to its end"].find("error")
    assert error.get("message") == "interrupted before its end"
