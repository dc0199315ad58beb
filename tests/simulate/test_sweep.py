"""Sweeps: a curve over one variable, and where the limits saturate."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.simulate import simulate_command
from mockwb.scenario.errors import StartError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.model import Scenario
from mockwb.scenario.runner import Run
from mockwb.simulate import sweep
from mockwb.simulate.play import simulate
from mockwb.simulate.scaling import scaled
from tests.simulate.scenes import fleet, scene

SCENARIO = """\
name: capacity
variables:
  every: 1
server:
  limits:
    project:
      requests: 48/60s
workloads:
  - {kind: virtual, name: many, project: team/p, count: 3, rows: 200, every: "${every}", ramp: 15s}
  - {kind: virtual, name: one, project: team/p, count: 1, rows: 200, every: "${every}"}
timeout: 2h
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO)
    return file


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(simulate_command, [str(argument) for argument in arguments])


def curve(file: Path, swept: str) -> dict[str, Any]:
    folder = file.with_name("out")
    result = invoke(file, "--sweep", swept, "--report", folder)
    assert result.exit_code == ExitCode.HELD, result.output
    content: dict[str, Any] = json.loads((folder / "sweep.json").read_text())
    assert content["text"] in result.output
    for form in ("sweep.md", "sweep.html"):
        assert content["text"] in (folder / form).read_text()
    return content


def test_the_count_at_which_the_limit_saturates_is_found(file: Path) -> None:
    # 48 requests per minute are those of 12 clients, at one per 15 s and an odd one now and then.
    found = curve(file, "clients=4,60")
    assert 10 <= found["fits"] < found["saturated_at"] <= 16
    counts = [point["clients"] for point in found["points"]]
    assert counts == sorted(counts)
    assert {4, 60} < set(counts)
    first, *_, last = found["points"]
    assert first["refused_share"] == 0 < last["refused_share"]
    assert first["in_time"] > 0.95
    assert last["in_time"] < 0.9
    assert last["finish_p95"] > first["finish_p95"]


def test_given_room_for_all_then_nothing_saturates(file: Path) -> None:
    found = curve(file, "clients=4,8")
    assert (found["saturated_at"], found["fits"]) == (None, 8)
    assert found["text"] == "up to 8 clients the limits do not saturate; nothing is refused"


def test_any_variable_can_be_swept(file: Path) -> None:
    found = curve(file, "every=1,2,4")
    assert [point["value"] for point in found["points"]] == ["1", "2", "4"]
    rates = [point["rows_per_second"] for point in found["points"]]
    assert rates == sorted(rates, reverse=True)


def test_an_interrupt_leaves_the_curve_up_to_then(file: Path, monkeypatch) -> None:
    def interrupted(scenario: Scenario, config: Any) -> Run:
        if scenario.workloads[0].every == 2:
            raise KeyboardInterrupt
        return simulate(scenario, config)

    monkeypatch.setattr(sweep, "simulate", interrupted)
    folder = file.with_name("out")
    result = invoke(file, "--sweep", "every=1,2,4", "--report", folder)
    assert result.exit_code == ExitCode.INTERRUPTED
    content = json.loads((folder / "sweep.json").read_text())
    assert [point["value"] for point in content["points"]] == ["1"]
    assert content["text"].startswith("interrupted; up to 4 clients")


@pytest.mark.parametrize(
    ("swept", "complaint"),
    [
        ("clients", "expected NAME=VALUE"),
        ("clients=some", "expected numbers of clients"),
        ("clients=1", "1 clients are too few for 2 workloads"),
        ("metrics=1,2", "unknown variable 'metrics'"),
    ],
)
def test_what_cannot_be_swept_is_said(file: Path, swept: str, complaint: str) -> None:
    result = invoke(file, "--sweep", swept)
    assert result.exit_code == ExitCode.BAD_START
    assert complaint in result.output


def test_workloads_keep_their_shares() -> None:
    three, one = scaled(scene(fleet(name="a", count=3), fleet(name="b", count=1)), 401).workloads
    assert (three.count, one.count) == (301, 100)


def test_clients_that_no_ramp_starts_are_refused() -> None:
    stages = [{"to": 4, "for": "1m"}]
    with pytest.raises(StartError, match="workload fleet with 8 clients: ramp"):
        scaled(scene(fleet(count=4, ramp=stages)), 8)
