import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockwb.cli import outcome
from mockwb.cli.run import run
from mockwb.scenario import runner
from mockwb.scenario.exit_code import ExitCode

SCENARIO = """\
name: small
server:
  limits:
    project:
      requests: 1000/1s
workloads:
  - kind: virtual
    name: fleet
    project: team/p
    count: 2
    rows: 3
    every: 100ms
    settings:
      x_file_stream_transmit_interval: 1
thresholds:
  - rows.missing == 0
  - requests.refused == 0
"""


@pytest.fixture
def invoke(tmp_path):
    """Runs the command on a scenario file of the given text."""

    def invoke(text: str = SCENARIO, *options: str) -> Result:
        file = tmp_path / "s.yaml"
        file.write_text(text)
        return CliRunner().invoke(run, [str(file), *options])

    return invoke


def test_when_all_thresholds_hold_the_exit_code_is_0_and_the_account_is_printed(invoke, tmp_path):
    result = invoke(SCENARIO, "--report", str(tmp_path / "out"))
    assert result.exit_code == ExitCode.HELD, result.output
    assert "Account" in result.output
    assert "verdict: all 6 rows delivered; nothing was refused" in result.output
    assert "holds  rows.missing == 0 (measured: 0)" in result.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["total"]["rows.stored"] == 6
    assert report["series"][-1]["rows_logged"] == report["series"][-1]["rows_stored"] == 6
    assert report["wall_seconds"] >= report["seconds"] > 0
    assert "127.0.0.1" not in json.dumps(report["scenario"])


def test_a_threshold_that_does_not_hold_is_named_and_the_exit_code_is_1(invoke):
    result = invoke(SCENARIO.replace("requests.refused ==", "requests.refused >"))
    assert result.exit_code == ExitCode.FAILED
    assert "FAILS  requests.refused > 0 (measured: 0)" in result.output


def test_a_bad_scenario_is_exit_code_2_with_file_and_line(invoke):
    result = invoke(SCENARIO.replace("rows: 3", "rows: three"))
    assert result.exit_code == ExitCode.BAD_START
    assert "s.yaml:11: workloads[0].rows: expected `int`" in result.output
    assert "Traceback" not in result.output


REPLAY = "{kind: replay, name: w, project: team/p, files: none-*}"
SCRIPT = "{kind: script, name: w, project: team/p, command: no-such-program}"
VIRTUAL = "{kind: virtual, name: w, project: team/p, rows: 1}"


@pytest.mark.parametrize(
    ("workload", "more", "complaint"),
    [
        (REPLAY, "", "s.yaml:2: workload w: files: no .wandb file is called 'none-*'"),
        (SCRIPT, "", "s.yaml:2: workload w: command: no program 'no-such-program'"),
        (VIRTUAL, "report: /dev/null/out", "s.yaml:3: report: cannot write to /dev/null/out"),
    ],
)
def test_what_is_not_there_is_told_with_the_key_that_asks_for_it(invoke, workload, more, complaint):
    result = invoke(f"name: s\nworkloads: [{workload}]\n{more}\n")
    assert result.exit_code == ExitCode.BAD_START
    assert complaint in result.output


def test_what_only_a_server_of_its_own_can_do_is_told_with_its_key(invoke):
    text = SCENARIO + "timeline:\n  - {at: 1s, do: kill}\n"
    result = invoke(text, "--url", "http://127.0.0.1:1")
    assert result.exit_code == ExitCode.BAD_START
    assert "s.yaml:19: timeline[0]: kill: only a server" in result.output


def test_a_report_that_can_no_longer_be_written_is_told_after_the_outcome(
    invoke, tmp_path, monkeypatch
):
    def full(folder, report):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outcome, "write_folder", full)
    result = invoke(SCENARIO, "--report", str(tmp_path / "out"))
    assert result.exit_code == ExitCode.FAILED
    assert "verdict: all 6 rows delivered" in result.output
    assert "error: the report is not whole: [Errno 28] No space left" in result.output


def test_a_taken_port_is_exit_code_2(invoke):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = invoke(SCENARIO.replace("server:\n", f"server:\n  port: {port}\n"))
    assert result.exit_code == ExitCode.BAD_START
    assert f"cannot listen on 127.0.0.1:{port}" in result.output


def test_a_dead_url_is_exit_code_2_and_the_server_section_is_said_not_to_apply(invoke):
    result = invoke(SCENARIO, "--url", "http://127.0.0.1:1")
    assert result.exit_code == ExitCode.BAD_START
    assert "no mockwb server at http://127.0.0.1:1" in result.output
    assert "server: not applied" in result.output


def test_the_report_goes_where_the_scenario_says_unless_the_command_line_says_otherwise(
    invoke, tmp_path
):
    own, given = tmp_path / "own", tmp_path / "given"
    text = SCENARIO + f"report: {own}\n"
    assert invoke(text).exit_code == ExitCode.HELD
    assert (own / "report.json").is_file()
    assert invoke(text, "--report", str(given)).exit_code == ExitCode.HELD
    assert (given / "report.json").is_file()


def test_a_spawned_server_is_a_process_of_its_own(invoke):
    result = invoke(SCENARIO, "--spawn")
    assert result.exit_code == ExitCode.HELD, result.output
    assert "holds  rows.missing == 0" in result.output


def test_nothing_is_spawned_with_a_url(invoke):
    result = invoke(SCENARIO, "--spawn", "--url", "http://127.0.0.1:1")
    assert result.exit_code == ExitCode.BAD_START
    assert "--spawn: with --url no server is started" in result.output


def test_variables_can_be_set_on_the_command_line_and_in_the_environment(invoke, monkeypatch):
    text = SCENARIO.replace("count: 2", "count: ${clients}").replace("rows: 3", "rows: ${rows}")
    text += "variables: {clients: 2, rows: 3}\n"
    monkeypatch.setenv("MOCKWB_SET_ROWS", "2")
    assert "all 10 rows delivered" in invoke(text, "--set", "clients=5").output
    result = invoke(text, "--set", "cliens=5")
    assert result.exit_code == ExitCode.BAD_START
    assert "unknown variable 'cliens'; did you mean clients?" in result.output
    assert "expected NAME=VALUE" in invoke(text, "--set", "clients").output


def test_a_report_that_could_not_be_written_is_refused_before_the_run(invoke, tmp_path):
    result = invoke(SCENARIO, "--report", str(tmp_path / "s.yaml" / "out"))
    assert result.exit_code == ExitCode.BAD_START
    assert "--report: cannot write to" in result.output
    result = invoke(SCENARIO, "--report", str(tmp_path / "report.json"))
    assert result.exit_code == ExitCode.BAD_START
    assert "--report: takes a folder" in result.output


def test_guidance_that_was_left_is_told_and_counts(invoke):
    text = SCENARIO.replace("server:\n", "server:\n  guidance: {steps_per_run: 2}\n")
    text += "  - guidance.violations == 2\n  - delivery.complete == 2\n"
    result = invoke(text)
    assert result.exit_code == ExitCode.HELD, result.output
    assert "guidance: steps_per_run: 3 steps where 2 is recommended (team/p/" in result.output


def test_ctrl_c_ends_the_run_with_its_account_and_its_report(invoke, monkeypatch, tmp_path):
    import os
    import signal

    run_workloads = runner._run_workloads

    async def interrupted_at_once(*args):
        os.kill(os.getpid(), signal.SIGINT)
        return await run_workloads(*args)

    monkeypatch.setattr(runner, "_run_workloads", interrupted_at_once)
    report = tmp_path / "out"
    result = invoke(SCENARIO.replace("every: 100ms", "every: 1h"), "--report", str(report))
    assert result.exit_code == ExitCode.INTERRUPTED
    assert "verdict: interrupted; " in result.output
    assert json.loads((report / "report.json").read_text())["ending"] == "interrupted"
    assert "Interrupted: 2 of 2 thresholds hold so far" in (report / "report.html").read_text()


def test_the_help_lists_every_exit_code():
    text = " ".join(CliRunner().invoke(run, ["--help"]).output.split())
    assert all(f"{code.value} {code.cause}"[:60] in text for code in ExitCode)


def test_the_quickstart_is_a_good_scenario():
    from mockwb.scenario.load import load_scenario

    folder = Path(__file__).parents[2] / "scenarios"
    for file in folder.glob("*.yaml"):
        assert load_scenario(file).scenario.name == file.stem


SCRIPTS = """\
name: scripts
workloads:
  - {kind: script, name: mine, project: team/p, count: 2}
"""


def test_the_words_after_two_dashes_are_the_command_of_script_workloads(invoke, tmp_path):
    script = f'echo "$WANDB_BASE_URL" >> {tmp_path}/seen; exit $MOCKWB_INDEX'
    result = invoke(SCRIPTS, "--", "sh", "-c", script)
    assert result.exit_code == ExitCode.FAILED
    assert "FAILS  clients.failed == 0 (measured: 1)" in result.output
    assert "holds  rows.missing == 0 (measured: 0)" in result.output
    urls = (tmp_path / "seen").read_text().split()
    assert len(urls) == 2
    assert urls[0].startswith("http://127.0.0.1:")


def test_a_script_without_a_command_and_a_command_without_a_script_are_exit_code_2(invoke):
    for text, options in ((SCRIPTS, []), (SCENARIO, ["--", "python", "train.py"])):
        result = invoke(text, *options)
        assert result.exit_code == ExitCode.BAD_START
        assert "command" in result.output
