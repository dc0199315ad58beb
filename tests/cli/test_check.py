from pathlib import Path

from click.testing import CliRunner

from mockwb.cli.check import check
from mockwb.scenario.exit_code import ExitCode

GOOD = """\
name: good
variables: {clients: 3}
workloads: [{kind: virtual, name: fleet, project: team/p, count: "${clients}", rows: 1}]
"""


def write(folder: Path, **texts: str) -> list[str]:
    files = []
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text)
        files.append(str(folder / f"{name}.yaml"))
    return files


def test_good_files_are_said_to_be_good_with_exit_code_0(tmp_path):
    result = CliRunner().invoke(check, write(tmp_path, a=GOOD, b=GOOD))
    assert result.exit_code == ExitCode.HELD
    assert "a.yaml: good, 3 clients" in result.output
    assert "b.yaml: good" in result.output


def test_every_bad_file_is_named_and_the_exit_code_is_2(tmp_path):
    files = write(
        tmp_path,
        a=GOOD.replace("rows", "row"),
        b=GOOD,
        c=GOOD + "server: {tls: {certificate: a, key: b}}\n",
    )
    result = CliRunner().invoke(check, files)
    assert result.exit_code == ExitCode.BAD_START
    assert "a.yaml:3: workloads[0].row: unknown key" in result.output
    assert "b.yaml: good" in result.output
    assert "c.yaml: server: tls: clients of a scenario speak plain HTTP" in result.output


def test_variables_can_be_tried(tmp_path):
    files = write(tmp_path, a=GOOD)
    assert "good, 1 client\n" in CliRunner().invoke(check, [*files, "--set", "clients=1"]).output
    result = CliRunner().invoke(check, [*files, "--set", "clients=none"])
    assert result.exit_code == ExitCode.BAD_START
    assert "workloads[0].count: expected `int`" in result.output


def test_shipped_scenarios_are_good():
    folder = Path(__file__).parents[2] / "scenarios"
    files = [str(file) for file in folder.glob("*.yaml")]
    assert CliRunner().invoke(check, files).exit_code == ExitCode.HELD
