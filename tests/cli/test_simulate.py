import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.simulate import simulate_command
from mockwb.scenario.exit_code import ExitCode

SCENARIO = """\
name: small
server:
  limits:
    project:
      requests: 12/10s
  faults:
    - what: {kind: reset, at: after}
      when: {probability: 0.05}
workloads:
  - kind: virtual
    name: fleet
    project: team/p
    count: 12
    rows: 90
    every: 1s
    settings:
      x_file_stream_transmit_interval: 5
  - kind: sdk
    name: real
    project: team/p
    rows: 60
timeline:
  - {at: 20s, do: freeze, for: 5s}
thresholds:
  - rows.missing == 0
  - requests.refused > 0
"""
WALL_CLOCK = ("started_at", "finished_at", "wall_seconds")


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "s.yaml"
    file.write_text(SCENARIO)
    return file


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(simulate_command, [*arguments])


def test_the_account_is_printed_and_the_thresholds_decide_the_exit_code(scenario: Path) -> None:
    held = invoke(str(scenario))
    assert held.exit_code == ExitCode.HELD, held.output
    assert "verdict: all 1,140 rows delivered; requests without an answer: " in held.output
    assert "; the limit of 12 requests per 10s" in held.output
    scenario.write_text(SCENARIO.replace("refused >", "refused =="))
    assert invoke(str(scenario)).exit_code == ExitCode.FAILED


def test_a_wrong_scenario_is_refused_with_file_and_line(scenario: Path) -> None:
    scenario.write_text(SCENARIO.replace("every: 1s", "every: soon"))
    result = invoke(str(scenario))
    assert result.exit_code == ExitCode.BAD_START
    assert "s.yaml:15: workloads[0].every" in result.output


def test_two_processes_give_the_same_report_to_the_last_byte(scenario: Path) -> None:
    def report(hash_seed: str) -> bytes:
        out = str(scenario.with_name(hash_seed))
        command = [sys.executable, "-m", "mockwb", "simulate", str(scenario), "--report", out]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)
        content = json.loads((Path(out) / "report.json").read_bytes())
        for name in WALL_CLOCK:
            content.pop(name)
        return json.dumps(content).encode()

    assert report("1") == report("2")
