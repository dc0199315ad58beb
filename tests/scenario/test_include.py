"""Scenarios that build on others."""

from pathlib import Path

import pytest

from mockwb.scenario.load import load_scenario
from mockwb.yaml_file import FileError

BASE = """\
name: base
server:
  plan: tight
  limits: {project: {requests: 10/1m, bytes: 1MB/1m}}
variables: {clients: 3}
workloads:
  - {kind: virtual, name: fleet, project: team/p, count: "${clients}", rows: 5}
  - {kind: virtual, name: other, project: team/p, rows: 5}
thresholds: [rows.missing == 0]
"""
OWN = """\
include: parts/base.yaml
name: own
variables: {clients: 8}
server:
  limits: {project: {requests: 20/1m}}
workloads:
  - {name: fleet, rows: 9}
  - {kind: virtual, name: more, project: team/q, rows: 1}
thresholds: [clients.failed == 0]
"""


@pytest.fixture
def load(tmp_path: Path):
    def load(own: str = OWN, **parts: str):
        (tmp_path / "parts").mkdir(exist_ok=True)
        for name, text in {"base": BASE, **parts}.items():
            (tmp_path / "parts" / f"{name}.yaml").write_text(text)
        (tmp_path / "own.yaml").write_text(own)
        return load_scenario(tmp_path / "own.yaml")

    return load


def test_given_an_included_file_then_what_the_own_one_says_wins_key_by_key(load) -> None:
    loaded = load()
    scenario = loaded.scenario
    assert (scenario.name, scenario.server.plan) == ("own", "tight")
    assert loaded.server_overlay["limits"]["project"] == {"requests": "20/1m", "bytes": "1MB/1m"}
    assert [str(threshold) for threshold in scenario.thresholds] == ["clients.failed == 0"]


def test_given_workloads_then_they_are_put_together_by_name(load) -> None:
    workloads = load().scenario.workloads
    assert [(load.name, load.rows, load.count) for load in workloads] == [
        ("fleet", 9, 8),
        ("other", 5, 1),
        ("more", 1, 1),
    ]


def test_given_several_files_then_later_ones_win_and_each_may_include_too(load) -> None:
    scenario = load(
        "include: [parts/a.yaml, parts/b.yaml]\n",
        a="include: base.yaml\nname: a\nseed: 1\n",
        b="include: base.yaml\nname: b\n",
    ).scenario
    assert (scenario.name, scenario.seed, len(scenario.workloads)) == ("b", 1, 2)


@pytest.mark.parametrize(
    ("own", "parts", "message"),
    [
        ("include: nowhere.yaml\n", {}, r"own\.yaml:1: include: no file .*nowhere\.yaml"),
        ("name: x\ninclude: {a: b}\n", {}, r"own\.yaml:2: include: expected a file or a list"),
        (
            "include: parts/a.yaml\n",
            {"a": "include: ../own.yaml"},
            r"a\.yaml:1: include: .* itself",
        ),
        (
            OWN,
            {"base": BASE.replace("rows: 5}", "rows: x}")},
            r"base\.yaml:8: workloads\[1\]\.rows",
        ),
        (
            OWN.replace("rows: 9", "rows: x"),
            {},
            r"own\.yaml:7: workloads\[0\]\.rows: expected `int`",
        ),
        (OWN.replace("rows: 1}", "rows: x}"), {}, r"own\.yaml:8: workloads\[2\]\.rows"),
        (OWN, {"base": BASE.replace("clients}", "klients}")}, r"base\.yaml:7: unknown variable"),
        (
            OWN,
            {"base": BASE.replace("bytes: 1MB/1m", "bites: 1")},
            r"base\.yaml:4: .*bites: unknown",
        ),
        ("include: parts/a.yaml\n", {"a": "- 1\n"}, r"a\.yaml: expected a mapping"),
    ],
)
def test_given_a_mistake_then_the_file_that_holds_it_is_named(load, own, parts, message) -> None:
    with pytest.raises(FileError, match=message):
        load(own, **parts)
