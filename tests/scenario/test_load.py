from pathlib import Path

import pytest

from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.load import load_scenario
from mockwb.yaml_file import FileError

GOOD = """\
name: small
server:
  limits:
    project:
      requests: 60/1m
workloads:
  - kind: sdk
    name: real
    project: team/p
    rows: 20
    every: 500ms
    settings:
      x_file_stream_transmit_interval: 2
  - kind: virtual
    name: fleet
    project: team/p
    count: 100
    rows: 30
    metrics: 5
    ramp: 10s
    settings:
      x_file_stream_transmit_interval: 4
thresholds:
  - rows.missing == 0
  - workloads.fleet.clients.failed == 0
timeout: 2m
timeline:
  - at: 30s
    do: change_limits
    limits:
      project:
        requests: 10/1m
  - at: 1m
    do: start_fault
    fault:
      what: {kind: reset}
    for: 10s
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "s.yaml"
    file.write_text(text)
    return file


def test_a_scenario_is_read_with_its_units(tmp_path):
    scenario = load_scenario(write(tmp_path, GOOD)).scenario
    real, fleet = scenario.workloads
    assert isinstance(real, SdkWorkload)
    assert isinstance(fleet, VirtualWorkload)
    assert (real.period, fleet.starting_seconds, scenario.timeout) == (0.5, 9.9, 120.0)
    assert (str(fleet.project), fleet.count) == ("team/p", 100)
    assert (real.transmit_interval, fleet.transmit_interval) == (2.0, 4.0)


def test_only_what_the_file_says_about_the_server_overlays_its_plan(tmp_path):
    loaded = load_scenario(write(tmp_path, GOOD))
    assert loaded.server_overlay == {"limits": {"project": {"requests": "60/1m"}}}


def test_a_timeline_keeps_of_limits_what_is_given_and_nothing_else(tmp_path):
    change, start = load_scenario(write(tmp_path, GOOD)).scenario.timeline
    assert (change.at, change.limits.given) == (30, {"project": {"requests": "10/1m"}})
    assert (start.at, start.duration, start.name) == (60, 10, "reset-at-1m")


def test_without_thresholds_nothing_may_fail_or_be_missing(tmp_path):
    text = GOOD[: GOOD.index("thresholds:")]
    scenario = load_scenario(write(tmp_path, text)).scenario
    assert [str(t) for t in scenario.thresholds] == ["clients.failed == 0", "rows.missing == 0"]


def test_an_empty_list_of_thresholds_asks_for_nothing(tmp_path):
    text = GOOD[: GOOD.index("thresholds:")] + "thresholds: []\n"
    assert load_scenario(write(tmp_path, text)).scenario.thresholds == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("timeout: 2m", "timeot: 2m", r"s\.yaml:26: timeot: unknown key; expected one of name"),
        (
            "name: small",
            "name: my job",
            r"s\.yaml:1: name: expected text such as my-job .*, got 'my",
        ),
        (
            "rows: 20",
            "rows: 2\n    version: 0.20",
            r"s\.yaml:11: .*version: .*`float`; in quotes, a n",
        ),
        (
            "rows.missing == 0",
            "http.999.rate < 5%",
            r"unknown figure 'http\.999\.rate'; .* or http\.ST",
        ),
        ("timeout: 2m", "timeout: soon", r"s\.yaml:26: timeout: expected a duration such as"),
        ("rows: 20", "rows: many", r"s\.yaml:10: workloads\[0\]\.rows: expected `int`"),
        ("rows: 20", "rows: 0", r"s\.yaml:10: workloads\[0\]\.rows: expected `int` >= 1"),
        ("rows: 20", "row: 20", r"s\.yaml:10: workloads\[0\]\.row: unknown key; expected one of"),
        (
            "kind: sdk",
            "kind: skd",
            r"s\.yaml:7: workloads\[0\]\.kind: invalid value 'skd'; expected one of sdk, virtual",
        ),
        (
            "every: 500ms",
            "values: {lists: {size: 3}}",
            r"s\.yaml:11: .*lists\.size: unknown key; expected one of count, every, length",
        ),
        (
            "every: 500ms",
            "values: {videos: {size: 5GB}}",
            r"s\.yaml:11: .*videos: size: expected 40B to 2GB, got 5GB",
        ),
        (
            "every: 500ms",
            "every: 1s\n    rows_per_minute: 60",
            r"s\.yaml:7: workloads\[0\]: every and rows_per_minute both give the pace; expected",
        ),
        (
            "every: 500ms",
            "rows_per_minute: 120\n    pattern: {burst: {rows: 3, every: 1m}}",
            r"s\.yaml:7: workloads\[0\]: rows_per_minute and pattern\.burst both give the pace",
        ),
        (
            "every: 500ms",
            "pattern: {jitter: 2s}",
            r"s\.yaml:7: .*pattern\.jitter: expected at most the 1s from one row or burst to the",
        ),
        (
            "every: 500ms",
            "pattern: {stragglers: {share: 2}}",
            r"s\.yaml:11: .*pattern\.stragglers\.share: expected `float` <= 1",
        ),
        (
            "limits:",
            "plan: big\n  limits:",
            r"s\.yaml:3: server\.plan: no plan called 'big'; known",
        ),
        ("project: team/p\n    rows", "project: p\n    rows", r"s\.yaml:9: .*entity/project"),
        ("name: fleet", "name: real", r"s\.yaml:15: workloads\[1\]\.name: 'real' is taken"),
        ("name: fleet", "name: a.b", r"s\.yaml:15: workloads\[1\]\.name: expected text such as"),
        ("requests: 60/1m", "requests: 60", r"s\.yaml:5: server\.limits\.project\.requests: "),
        (
            "project:\n      req",
            "projct:\n      req",
            r"s\.yaml:4: server\.limits\.projct: unknown",
        ),
        ("rows.missing ==", "rows.mising ==", r"s\.yaml:24: thresholds\[0\]: unknown figure"),
        ("workloads.fleet", "workloads.flet", r"s\.yaml:25: thresholds\[1\]: unknown workload 'fl"),
        (
            "requests: 10/1m",
            "request: 10/1m",
            r"s\.yaml:32: timeline\[0\]\.limits\.project\.request: unknown key; expected one of r",
        ),
        (
            "requests: 10/1m",
            "requests: ten",
            r"s\.yaml:32: timeline\[0\]\.limits\.project\.requests: expected an amount per window",
        ),
        (
            "kind: reset",
            "kind: rest",
            r"s\.yaml:36: .*fault\.what\.kind: invalid value 'rest'",
        ),
        ("at: 1m", "at: noon", r"s\.yaml:33: timeline\[1\]\.at: expected a duration"),
        (
            "do: start_fault",
            "do: start",
            r"s\.yaml:34: timeline\[1\]\.do: invalid .* change_limits",
        ),
        (
            "for: 10s",
            "during: 10s",
            r"s\.yaml:37: timeline\[1\]\.during: unknown key",
        ),
        (
            "do: change_limits\n    limits:",
            "do: change_limits\n    plan: tigth\n    limits:",
            r"s\.yaml:30: timeline\[0\]\.plan: no plan called 'tigth'; did you mean tight",
        ),
        ("interval: 4", "intervall: 4", r"s\.yaml:22: .*intervall: unknown key; expected one of"),
    ],
)
def test_an_error_names_file_line_key_and_what_was_expected(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(FileError, match=message):
        load_scenario(write(tmp_path, GOOD.replace(old, new, 1)))


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n"])
def test_a_file_that_is_no_mapping_is_no_scenario(tmp_path, text):
    with pytest.raises(FileError, match="expected a mapping with name and workloads"):
        load_scenario(write(tmp_path, text))


def test_a_scenario_without_workloads_is_none(tmp_path):
    with pytest.raises(FileError, match=r"workloads: expected `array` of length >= 1"):
        load_scenario(write(tmp_path, "name: a\nworkloads: []\n"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileError, match=r"nowhere\.yaml: No such file"):
        load_scenario(tmp_path / "nowhere.yaml")
