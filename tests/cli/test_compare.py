import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.compare import compare_command
from mockwb.scenario.reports.folder import write_folder
from tests.scenario.reports.samples import reported, run


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    """One report of a run that was delivered whole, one of a run that was not."""
    for name, done in (("whole", run()), ("lossy", run(rows_stored=9))):
        (tmp_path / name).mkdir()
        write_folder(tmp_path / name, reported(done))
    return str(tmp_path / "whole"), str(tmp_path / "lossy")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(compare_command, arguments)


def test_a_threshold_that_held_and_fails_now_is_exit_code_1(folders):
    whole, lossy = folders
    result = invoke(whole, lossy)
    assert result.exit_code == 1
    lines = [" ".join(line.split()) for line in result.output.splitlines()]
    assert "rows.missing == 0 HELD, FAILS NOW 0 1" in lines
    assert "rows stored 10 9 -1 -10.0%" in lines
    assert lines[-1] == "1 threshold that held fails now"


def test_a_threshold_that_failed_before_is_no_reason_to_fail(folders):
    whole, lossy = folders
    assert invoke(lossy, lossy).exit_code == 0
    better = invoke(lossy, f"{whole}/report.json")
    assert better.exit_code == 0
    assert "fixed: holds now" in better.output


def test_markdown_and_json_say_the_same(folders):
    whole, lossy = folders
    text = invoke("--markdown", whole, lossy)
    assert text.exit_code == 1
    assert text.output.startswith("## ❌ small: 1 threshold that held fails now\n")
    assert "| rows stored | 10 | 9 | -1 | -10.0% |" in text.output
    plain = invoke("--json", whole, lossy)
    assert plain.exit_code == 1
    figures = json.loads(plain.output)["figures"]
    assert {"name": "rows.stored", "workload": None, "before": 10.0, "after": 9.0} in figures


def test_what_cannot_be_read_is_exit_code_2(folders, tmp_path):
    result = invoke(folders[0], str(tmp_path / "nowhere"))
    assert result.exit_code == 2
    assert "nowhere: No such file" in result.output
