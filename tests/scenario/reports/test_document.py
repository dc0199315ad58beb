import json

import msgspec

from mockwb.account import Delivery
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.figures import FIGURES
from mockwb.scenario.judgement import judge
from mockwb.scenario.reports.document import Report
from mockwb.scenario.reports.folder import report_json
from tests.scenario.accounts import client
from tests.scenario.reports.samples import reported, run, scenario


def test_thresholds_decide_the_exit_code():
    assert judge(scenario(), run()).exit_code is ExitCode.HELD
    assert judge(scenario(), run(rows_stored=9)).exit_code is ExitCode.FAILED


def test_an_interrupted_run_is_neither_held_nor_failed():
    assert judge(scenario(), run("interrupted")).exit_code is ExitCode.INTERRUPTED


def test_the_report_holds_everything_as_json():
    report = reported(run(rows_stored=9))
    read = json.loads(report_json(report))
    assert read["version"] == 2
    assert read["engine"] == "run"
    assert read["scenario"]["name"] == "small"
    assert read["scenario"]["file"] == "small.yaml"
    assert (read["seconds"], read["ending"], read["exit_code"]) == (4.25, "done", 1)
    assert read["verdict"].startswith("1 of 10 rows are missing")
    assert [(t["expression"], t["measured"], t["holds"]) for t in read["thresholds"]] == [
        ("rows.missing == 0", 1, False),
        ("finish_seconds.max < 30s", 1.0, True),
    ]
    assert read["limits"][0]["amount"] == 9
    assert read["sdk_versions"] == ["0.31.0"]
    assert read["total"].keys() >= FIGURES.keys()
    assert read["workloads"]["w"]["rows.missing"] == 1
    assert [sample["at"] for sample in read["series"]] == [1, 3, 4]
    assert read["finish_quantiles"] == {"w": [1.0] * 101}
    assert read["wait_quantiles"] == {"w": [0.0] * 101}
    assert read["timeline"][0]["do"] == "freeze"
    assert read["clients"][0]["finish_seconds"] == 1.0
    assert read["runs"][0]["rows_stored"] == 9
    assert read["behaviour"][0]["least_patient"] == {"waited": 2.5, "advised": 10.0}
    assert read["workloads"]["w"]["premature_retries"] == read["total"]["premature_retries"] == 2
    assert msgspec.json.decode(report_json(report), type=Report) == report


def test_facts_of_the_wall_clock_are_in_three_places_only():
    early, late = reported(), reported(wall=2.0)
    assert early.started_at == "2026-01-01T00:00:01.000+00:00"
    assert early.finished_at == "2026-01-01T00:00:05.000+00:00"
    assert early.wall_seconds == 4.0
    first, second = json.loads(report_json(early)), json.loads(report_json(late))
    assert [key for key in first if first[key] != second[key]] == [
        "started_at",
        "finished_at",
        "wall_seconds",
    ]
    (told,) = first["runs"]
    times = ("first_request_at", "last_request_at", "finished_at")
    assert [told[name] for name in times] == [0.25, 3.5, 3.75]


def test_a_run_that_did_not_finish_has_no_time_of_its_finish():
    (told,) = reported(run(finished_at=None)).runs
    assert told.finished_at is None


def test_what_the_scenario_asks_for_is_told_without_keys_and_tokens():
    report = reported(
        plan="free-cloud", auth={"keys": ["secret"]}, control={"admin_token": "secret"}
    )
    settings = report.scenario.settings
    assert settings["server"] == {"plan": "free-cloud"}
    assert settings["workloads"][0]["project"] == "team/p"
    assert settings["thresholds"] == ["rows.missing == 0", "finish_seconds.max < 30s"]
    assert b"secret" not in report_json(report)


def test_reasons_of_failed_clients_are_counted():
    failed = [client(f"r{n}", error="boom", exit_code=1) for n in range(3)]
    odd = client("r9", exit_code=255)
    errors = reported(run(clients=[*failed, odd, client()])).errors
    assert [(e.workload, e.reason, e.clients) for e in errors] == [
        ("w", "boom", 3),
        ("w", "ended with code 255", 1),
    ]


def test_guidance_is_told_once_per_range_with_its_peak():
    (group,) = reported().guidance
    assert (group.range, group.findings, group.peak, group.limit) == ("rows_per_minute", 3, 30, 10)
    assert (group.where, group.first_seen) == ("team/p/r2", 1.2)
    assert group.text == (
        "rows_per_minute: 30 rows per minute where 10 is recommended (team/p/r2) and 2 more: "
        "Log less often."
    )


def test_guidance_on_sizes_is_told_in_units_of_bytes():
    (group,) = reported().guidance
    media = msgspec.structs.replace(group, unit="bytes per minute", peak=1e8, limit=4e7)
    assert (media.peak_text, media.limit_text) == ("100MB per minute", "40MB")
    assert msgspec.structs.replace(group, peak=1_440_000.5).peak_text == "1,440,000 rows per minute"


def test_incomplete_runs_say_what_is_missing():
    missing = [("wandb-history.jsonl", 5, 8)]
    broken = Delivery(verdict="incomplete", missing=missing, end_unknown=True)
    (told,) = reported(run(delivery=broken)).incomplete
    assert told.run == "team/p/r1"
    assert told.text == "wandb-history.jsonl lines 5 to 7, its end: no finish mark came"
