import json
from pathlib import Path

from mockwb.account import Account
from mockwb.scenario.account_reader import Window
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.figures import FIGURES
from mockwb.scenario.judgement import judge
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.model import Scenario
from mockwb.scenario.report import report, write_report
from mockwb.scenario.runner import Run
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.workload import ProjectPath
from tests.scenario.accounts import client, hasty, stored

WINDOW = Window(scope="project", key="team/p", limit="requests", amount=9, window_seconds=5.0)


def scenario() -> Scenario:
    return Scenario(
        name="small",
        workloads=[VirtualWorkload(name="w", project=ProjectPath("team", "p"), rows=10)],
        thresholds=[Threshold("rows.missing == 0"), Threshold("finish_seconds.max < 30s")],
    )


def done(ending="done", **run) -> Run:
    account = Account(runs=[stored(**run)])
    return Run(ending, [client()], account, [WINDOW], 1000.5, 41.25, [hasty()])


def test_thresholds_decide_the_exit_code():
    assert judge(scenario(), done()).exit_code is ExitCode.HELD
    assert judge(scenario(), done(rows_stored=9)).exit_code is ExitCode.FAILED


def test_an_interrupted_run_is_neither_held_nor_failed():
    assert judge(scenario(), done("interrupted")).exit_code is ExitCode.INTERRUPTED


def test_the_report_holds_everything_as_json(tmp_path):
    loaded = LoadedScenario(scenario(), Path("small.yaml"), {})
    run = done(rows_stored=9)
    judgement = judge(loaded.scenario, run)
    write_report(tmp_path / "report.json", report(loaded, "http://h:1", run, judgement))
    read = json.loads((tmp_path / "report.json").read_text())
    assert read["version"] == 1
    assert read["scenario"]["name"] == "small"
    assert (read["url"], read["seconds"], read["ending"]) == ("http://h:1", 41.25, "done")
    assert (read["exit_code"], read["verdict"]) == (1, judgement.verdict)
    assert [(t["expression"], t["measured"], t["holds"]) for t in read["thresholds"]] == [
        ("rows.missing == 0", 1, False),
        ("finish_seconds.max < 30s", 1.0, True),
    ]
    assert read["limits"][0]["amount"] == 9
    assert read["total"].keys() >= FIGURES.keys()
    assert read["workloads"]["w"]["rows.missing"] == 1
    assert read["clients"][0]["finish_seconds"] == 1.0
    assert read["runs"][0]["rows_stored"] == 9
    assert read["behaviour"][0]["least_patient"] == {"waited": 2.5, "advised": 10.0}
    assert read["workloads"]["w"]["premature_retries"] == read["total"]["premature_retries"] == 2
