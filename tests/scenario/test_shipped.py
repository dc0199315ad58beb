"""The scenarios that come with mockwb end as they say: with exit code 0."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from mockwb.cli.main import main
from mockwb.scenario.load import load_scenario

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "scenarios"
README = (FOLDER / "README.md").read_text()
SHIPPED = sorted(file.stem for file in FOLDER.glob("*.yaml"))

BY_README = {"quickstart"}
"""Run by tests of the README."""
REAL = (
    "high-cardinality",
    "large-values",
    "old-vs-new-sdk",
    "restart-mid-run",
    "resume-after-crash",
    "video-logging",
)
"""Played for real as well: what is about bodies, processes and releases of the SDK."""
NOT_SIMULATED = {"old-vs-new-sdk", "resume-after-crash"}
SIMULATED = [name for name in SHIPPED if name not in BY_README | NOT_SIMULATED]
SMALL = {
    "burst-at-finish": ["clients=600"],
    "high-cardinality": ["rows=30", "new_keys=700"],
    "large-values": ["rows=11"],
    "restart-mid-run": ["rows=12", "at=3s", "down=5s"],
    "sweep-agents": ["agents=15", "runs=15", "quota=60/10s"],
    "video-logging": ["rows=12", "size=2.5MB", "rows_per_clip=1"],
}
"""Values of variables for a test that is done soon."""
PATIENCE = 240
"""Seconds after which a scenario hangs."""


def path(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def small(name: str) -> list[str]:
    return [word for value in SMALL.get(name, ()) for word in ("--set", value)]


@pytest.mark.parametrize("name", SHIPPED)
def test_given_a_scenario_then_it_is_called_as_its_file_is_and_says_why(name: str) -> None:
    scenario = load_scenario(path(name)).scenario
    assert scenario.name == name
    assert scenario.description
    assert len(scenario.thresholds) > 2


def test_given_the_readme_then_it_lists_all_scenarios() -> None:
    rows = re.findall(r"^\| \[([\w-]+)\.yaml\]\(\1\.yaml\) \|", README, re.M)
    assert sorted(rows) == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_given_a_scenario_then_it_is_right_whatever_engine_plays_it(name: str) -> None:
    done = CliRunner().invoke(main, ["check", str(path(name))])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("name", SIMULATED)
def test_given_a_scenario_then_it_ends_as_expected_in_virtual_time(name: str) -> None:
    done = CliRunner().invoke(main, ["simulate", str(path(name)), *small(name)])
    assert done.exit_code == 0, done.output


def test_given_the_steps_for_a_job_of_ones_own_then_both_engines_give_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (section,) = re.findall(r"### Describe your own job\n(.*?)\n## ", README, re.S)
    copy, *steps = [
        line
        for line in re.findall("^    (.*)", section, re.M)
        if "scenarios/" in line or line.startswith("mockwb ")
    ]
    _, source, target = shlex.split(copy, comments=True)
    job = (ROOT / source).read_text()
    for name, number in re.findall(r"(\w+): (\d+)", copy.partition("#")[2]):
        job, found = re.subn(rf"^  {name}: \d+", f"  {name}: {number}", job, flags=re.M)
        assert found == 1, name
    (tmp_path / target).write_text(job)
    monkeypatch.chdir(tmp_path)
    ended = []
    for step in steps:
        _, *words = shlex.split(step.replace("=30s", "=3s").replace("=10s", "=1s"), comments=True)
        done = CliRunner().invoke(main, words)
        ended.append((words[0], done.exit_code))
        if step == steps[1]:
            advice = " ".join(section.split()).partition("64 runs ask ")[2].partition(" and the")[0]
            assert advice in done.output
        if words[0] != "check":
            assert "verdict: all " in done.output or "429s from" in done.output
    assert ended == [("check", 0), ("simulate", 1), ("simulate", 0), ("simulate", 0), ("run", 0)]


class Running:
    """All real scenarios at once: they spend their time waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        tools = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = {**os.environ, "PATH": tools, "PYTHONPATH": str(ROOT)}
        self._processes = {}
        for name in REAL:
            with (folder / name).open("wb") as output:
                self._processes[name] = subprocess.Popen(
                    [sys.executable, "-m", "mockwb", "run", str(path(name)), *small(name)],
                    cwd=ROOT,
                    env=env,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )

    def exit_code(self, name: str) -> int:
        return self._processes[name].wait(PATIENCE)

    def output(self, name: str) -> str:
        return (self._folder / name).read_text()

    def end(self) -> None:
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("scenarios"))
    yield running
    running.end()


@pytest.mark.sdk
@pytest.mark.slow
@pytest.mark.xdist_group("shipped scenarios")
@pytest.mark.parametrize("name", REAL)
def test_given_a_scenario_then_it_ends_as_expected_for_real(name: str, running: Running) -> None:
    assert running.exit_code(name) == 0, running.output(name)
