"""Editors are told by a JSON Schema what the loader would say."""

from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mockwb.cli.schema import DIALECT
from mockwb.scenario.load import load_scenario
from mockwb.scenario.schema import scenario_schema
from mockwb.yaml_file import FileError

GOOD = """\
name: s
variables: {clients: 5, slow: 2s}
server:
  plan: tight
  limits: {project: {requests: [10/1m, 2/1s fixed], bytes: 1MB/1m}, retry_after: 5s}
  faults: [{what: {kind: latency, time: 1s}, when: {for: 10s}}]
timeline:
  - {at: 1m, do: change_limits, limits: {run: {requests: 1/1s}}}
  - {at: 90s, do: start_fault, fault: {what: {kind: reset}}, for: "${slow}"}
  - {at: 2m, do: kill}
workloads:
  - kind: virtual
    name: fleet
    project: team/p
    count: ${clients}
    rows: 3
    every: ${slow}
    ramp: [{to: 50%, for: 1m}, {to: 100%, for: "${slow}"}]
  - {kind: virtual, name: other, project: team/p, rows: 5, ramp: {poisson: 2s}}
  - {kind: sdk, name: real, project: team/p, rows: 5, ramp: 10s, settings: {console: off}}
thresholds: [rows.missing == 0, workloads.fleet.finish_seconds.p95 < 30s,
  {check: http.429.rate < 5%, abort_on_fail: true, after: "${slow}"}]
"""
SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("**/*.yaml"))


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(scenario_schema(DIALECT))


def errors(text: str) -> list[str]:
    """What is wrong with a file."""
    return [error.message for error in validator().iter_errors(yaml.safe_load(text))]


def test_given_the_schema_then_it_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(validator().schema)


def test_given_a_good_scenario_then_the_schema_takes_it_too(tmp_path) -> None:
    (tmp_path / "s.yaml").write_text(GOOD)
    load_scenario(tmp_path / "s.yaml")
    assert errors(GOOD) == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_given_a_scenario_that_is_shipped_then_the_schema_takes_it(file) -> None:
    assert errors(file.read_text()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: s\n", ""),
        ("every: ${slow}", "every: slowly"),
        ("every: ${slow}", "evry: 2s"),
        ("kind: sdk", "kind: skd"),
        ("project: team/p", "project: p"),
        ("rows: 3", "rows: 0"),
        ("rows: 3", "rows: many"),
        ("requests: 1/1s", "requests: 1"),
        ("do: kill", "do: murder"),
        ("to: 50%", "to: half"),
        ("to: 50%", "to: 150%"),
        ("rows: 3\n", "rows: 3\n    rows_per_minute: 5\n"),
        ("every: ${slow}", "rows_per_minute: 0"),
        ("rows.missing == 0", "rows.mising == 0"),
        ("rows.missing == 0", "rows.missing < 30s"),
        ("p95 < 30s", "p96 < 30s"),
        ("http.429.rate < 5%", "http.999.rate < 5%"),
        ("http.429.rate < 5%", "http.429.count < 5%"),
        ("http.429.rate < 5%", "http.429.rate < 5"),
        ("rows.missing == 0", "rows.missing = 0"),
        ("abort_on_fail: true", "abort_on_fail: maybe"),
        ("plan: tight", "plan: 5"),
        ("kind: latency", "kind: lateness"),
    ],
)
def test_given_a_mistake_then_the_schema_refuses_it_as_the_loader_does(tmp_path, old, new) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(FileError):
        load_scenario(tmp_path / "s.yaml")
    assert errors(text)


@pytest.mark.parametrize(
    "threshold",
    [
        "finish_delay.p95 < 30s",
        "finish_delay.p95<30.5",
        "guidance.violations == 0",
        "premature_retries == 0",
        "workloads.fleet.requests.graphql.429 <= 1_000",
        "http.5xx.rate != 0.05",
        "retry_wait.shortest_share >= 100%",
        "retry_wait.shortest_share >= 1",
        "bytes.received < 10MB",
        '"rows.missing == ${most}"',
    ],
)
def test_given_a_threshold_that_the_loader_takes_then_the_schema_takes_it(
    tmp_path, threshold
) -> None:
    text = GOOD.replace("rows.missing == 0", threshold).replace("slow: 2s", "slow: 2s, most: 3")
    (tmp_path / "s.yaml").write_text(text)
    load_scenario(tmp_path / "s.yaml")
    assert errors(text) == []


def test_given_a_file_that_builds_on_another_then_it_need_not_be_complete() -> None:
    change = "workloads: [{name: fleet, rows: 9}]\n"
    assert errors("include: base.yaml\n" + change) == []
    assert errors("name: s\n" + change)
    assert errors("include: base.yaml\nworkloads: [{kind: virtual, name: fleet, rows: 9, x: 1}]\n")


def test_given_what_can_be_written_then_it_is_explained() -> None:
    definitions: dict[str, Any] = scenario_schema(DIALECT)["$defs"]
    for name in ("Scenario", "VirtualWorkload", "Restart", "StartFault"):
        assert definitions[name]["description"]
        for key, field in definitions[name]["properties"].items():
            obvious = {"name", "description", "server", "kind", "do"}
            assert key in obvious or "description" in field, (name, key)
