"""Values that a scenario's file names once, and that somebody may change from outside."""

from pathlib import Path

import pytest

from mockwb.scenario.load import load_scenario
from mockwb.scenario.model import Scenario
from mockwb.yaml_file import FileError

TEXT = """\
name: s
variables:
  clients: 240
  pace: 500ms
  release: "0.20"
  per_minute: ${clients}/1m
  strict: false
server:
  limits: {project: {requests: "${per_minute}"}, count_refused: "${strict}"}
workloads:
  - kind: virtual
    name: fleet
    project: team-${clients}/p
    count: ${clients}
    rows: 3
    every: ${pace}
description: ${clients} clients, $${HOME}, ${release}, ${strict}
"""


@pytest.fixture
def load(tmp_path: Path):
    def load(text: str = TEXT, environ: dict[str, str] | None = None, **given: str) -> Scenario:
        file = tmp_path / "s.yaml"
        file.write_text(text)
        return load_scenario(file, given, environ or {}).scenario

    return load


def test_given_defaults_then_they_stand_wherever_they_are_named_with_their_type(load) -> None:
    scenario = load()
    (fleet,) = scenario.workloads
    assert (fleet.count, fleet.every, str(fleet.project)) == (240, 0.5, "team-240/p")
    assert str(scenario.server.limits.project.requests) == "240/1m"
    assert scenario.server.limits.count_refused is False
    assert scenario.description == "240 clients, ${HOME}, 0.20, false"


def test_given_other_values_then_they_win_the_command_line_over_the_environment(load) -> None:
    environ = {"MOCKWB_SET_CLIENTS": "5", "MOCKWB_SET_PACE": "2s", "MOCKWB_LOG__LEVEL": "debug"}
    scenario = load(environ=environ, clients="7", release="0.30")
    (fleet,) = scenario.workloads
    assert (fleet.count, fleet.every) == (7, 2.0)
    assert str(scenario.server.limits.project.requests) == "7/1m"
    assert scenario.variables["release"] == "0.30"
    assert scenario.variables["clients"] == 7


def test_given_what_the_server_section_says_then_its_overlay_has_the_values(tmp_path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(TEXT)
    overlay = load_scenario(file, {"clients": "9"}).server_overlay
    assert overlay["limits"]["project"]["requests"] == "9/1m"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "count: ${clients}",
            "count: ${clinets}",
            r"s\.yaml:14: unknown variable 'clinets'; did",
        ),
        ("count: ${clients}", "count: ${}", r"s\.yaml:14: unknown variable ''; known: clients, pa"),
        ("clients: 240", "clients: ${per_minute}", r"s\.yaml:\d: variable \w+ refers to itself"),
        ("clients: 240", "clients: [1]", r"s\.yaml:3: variables\.clients: expected text, a number"),
        ("clients: 240", "the-clients: 1", r"s\.yaml:3: variables\.the-clients: expected letters"),
        ("pace: 500ms", "pace: often", r"s\.yaml:16: workloads\[0\]\.every: expected a duration"),
    ],
)
def test_given_a_mistake_then_its_place_and_the_remedy_are_named(load, old, new, message) -> None:
    with pytest.raises(FileError, match=message):
        load(TEXT.replace(old, new, 1))


def test_given_an_unknown_variable_from_outside_then_that_is_an_error(load) -> None:
    with pytest.raises(FileError, match=r"--set cliens=5: unknown variable 'cliens'; did you mean"):
        load(cliens="5")
    with pytest.raises(FileError, match="environment variable MOCKWB_SET_X: unknown variable 'x'"):
        load(environ={"MOCKWB_SET_X": "5"})
