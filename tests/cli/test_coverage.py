import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.main import main
from tests.coverage.wheels import wheel

VIEWER = "A = 'query Viewer { viewer { id } }'\n"
DECLARED = "B = 'mutation DeleteAutomation { deleteTrigger(input: {triggerID: 1}) { success } }'\n"
BAD = "C = 'query Bad { viewer { zzzzzz } }'\n"
UNREADABLE = "D = 'query Worse { viewer('\n"


def coverage(*words: str) -> Result:
    return CliRunner().invoke(main, ["coverage", *words])


def test_given_a_package_whose_runs_side_is_served_then_the_exit_code_is_0(tmp_path: Path) -> None:
    result = coverage("--wheel", str(wheel(tmp_path, api=VIEWER, automations=DECLARED)))
    heading, viewer, declared, summary = result.stdout.splitlines()
    assert heading.split() == ["side", "operation", "found", "in", "texts", "answered", "valid"]
    assert viewer.split() == ["runs", "Viewer", "wandb/api.py", "1", "yes", "yes"]
    assert declared.split()[:4] == ["artifacts", "DeleteAutomation", "wandb/automations.py", "1"]
    assert declared.endswith("no: Mutation.deleteTrigger  yes")
    assert summary == (
        "wandb 9.9.9: runs side 1 operations, 1 valid, 1 answered; "
        "artifacts side 1 operations, 1 valid, 0 answered; 0 unreadable"
    )
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (BAD, "Cannot query field 'zzzzzz' on type 'User'."),
        (BAD.replace("Bad", "BadArtifact"), "Cannot query field 'zzzzzz' on type 'User'."),
        (DECLARED.replace("Automation", "It"), "no: Mutation.deleteTrigger"),
        (UNREADABLE, "unreadable: wandb/api.py:1: 'query Worse { viewer(': Syntax Error"),
    ],
)
def test_given_a_gap_then_it_is_told_and_the_exit_code_is_1(
    tmp_path: Path, code: str, said: str
) -> None:
    result = coverage("--wheel", str(wheel(tmp_path, api=code)))
    assert result.exit_code == 1
    assert said in result.stdout


def test_given_json_then_every_operation_and_error_is_in_it(tmp_path: Path) -> None:
    path = wheel(tmp_path, api=VIEWER + BAD, other=UNREADABLE)
    data = json.loads(coverage("--json", "--wheel", str(path)).stdout)
    assert (data["wandb"], data["complete"]) == ("9.9.9", False)
    assert data["operations"] == [
        {
            "operation": "Bad",
            "found_in": "wandb/api.py",
            "side": "runs",
            "texts": 1,
            "valid": False,
            "errors": ["Cannot query field 'zzzzzz' on type 'User'."],
            "answered": False,
            "unanswered": [],
        },
        {
            "operation": "Viewer",
            "found_in": "wandb/api.py",
            "side": "runs",
            "texts": 1,
            "valid": True,
            "errors": [],
            "answered": True,
            "unanswered": [],
        },
    ]
    assert [one["found_in"] for one in data["unreadable"]] == ["wandb/other.py:1"]


def test_given_no_such_package_then_the_error_says_so_and_the_exit_code_is_2(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.whl"
    path.write_text("no zip")
    result = coverage("--wheel", str(path))
    assert result.exit_code == 2
    assert "not a readable wheel" in result.stderr
    both = coverage("--wheel", str(path), "--sdk", "0.31.0")
    assert both.exit_code == 2
    assert "not both" in both.stderr


@pytest.mark.sdk
@pytest.mark.slow
def test_given_a_release_by_its_version_then_it_is_covered_and_the_exit_code_is_0() -> None:
    result = coverage("--json", "--sdk", "0.31.0")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert (data["wandb"], data["complete"], data["unreadable"]) == ("0.31.0", True, [])
    named = {one["operation"]: one for one in data["operations"]}
    for operation in ("UpsertBucket", "CreateRunFiles", "RunState", "Heartbeat"):
        assert named[operation]["answered"], operation
        assert named[operation]["side"] == "runs"
    assert all(one["valid"] for one in data["operations"])
