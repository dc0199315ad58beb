import asyncio
import os
import sys
from pathlib import Path

import aiohttp
import pytest

from mockwb.clock import RealClock, VirtualClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.script import ScriptWorkload, with_command
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.place import started_here
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.tally import tally
from mockwb.scenario.workload import ProjectPath, Surroundings

PROJECT = ProjectPath("team", "p")


def workload(*command: str, **fields) -> ScriptWorkload:
    return ScriptWorkload(name="mine", project=PROJECT, command=list(command) or None, **fields)


def around(clock=None, url="http://h:1") -> Surroundings:
    return Surroundings(
        base_url=url, api_key="k" * 40, clock=clock or RealClock(), run_prefix="abc"
    )


def test_a_copy_sees_the_callers_environment_but_for_what_says_where_wandb_logs_to():
    theirs = {"PATH": "/bin", "HOME": "/me", "WANDB_MODE": "offline", "WANDB_API_KEY": "theirs"}
    load = workload("train", env={"WANDB_SILENT": "true", "LR": "3"})
    variables = load.environment(Path("/tmp/x"), around(), 2, theirs)
    assert (variables["PATH"], variables["HOME"]) == ("/bin", "/me")
    assert "WANDB_MODE" not in variables
    assert variables["WANDB_BASE_URL"] == "http://h:1"
    assert variables["WANDB_API_KEY"] == "k" * 40
    assert (variables["WANDB_ENTITY"], variables["WANDB_PROJECT"]) == ("team", "p")
    assert variables["WANDB_DIR"] == "/tmp/x"
    assert (variables["WANDB_SILENT"], variables["LR"]) == ("true", "3")
    assert (variables["WANDB_HOST"], variables["MOCKWB_INDEX"]) == ("abc-mine-2", "2")


async def test_every_copy_runs_where_mockwb_does_and_its_exit_code_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    script = 'touch "$MOCKWB_INDEX"; exit "$MOCKWB_INDEX"'
    first, second = await workload("sh", "-c", script, count=2).run(around())
    assert {"0", "1"} <= set(os.listdir(tmp_path))
    assert (first.exit_code, first.error) == (0, None)
    assert second.exit_code == 1
    assert second.error.endswith("ended with code 1; its last output: none")


async def test_the_end_of_the_output_says_what_went_wrong():
    command = "sh -c 'echo to work; echo no disk >&2; exit 9'"
    load = ScriptWorkload(name="mine", project=PROJECT, command=command)
    [result] = await load.run(around())
    assert "ended with code 9; its last output: to work | no disk" in result.error


async def test_copies_are_killed_when_all_shall_stop_and_the_rest_never_start(tmp_path):
    mark = tmp_path / "started"
    load = workload("sh", "-c", f"touch {mark}; sleep 600", count=2, ramp=Ramp.over(20))
    clock = VirtualClock()
    surroundings = around(clock)
    running = asyncio.create_task(load.run(surroundings))
    while not mark.exists():
        await clock.advance(0)
    surroundings.stop.set()
    results = await running
    assert [r.error for r in results] == ["stopped before its end", "stopped before its start"]
    assert [r.exit_code for r in results] == [None, None]


def test_the_command_lines_words_are_for_the_scripts_without_a_command():
    given = with_command([workload("own"), workload()], ["python", "train.py"])
    assert [load.words for load in given] == [["own"], ["python", "train.py"]]


def test_words_that_no_script_wants_are_a_bad_start():
    virtual = VirtualWorkload(name="v", project=PROJECT, rows=1)
    with pytest.raises(StartError, match=r"python train\.py: .* no workload of kind script with"):
        with_command([virtual, workload("own")], ["python", "train.py"])


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (None, "mine: kind script has no command: .* `-- COMMAND`"),
        ("", "has no command"),
        ("no-such-program --now", "mine: command: no program 'no-such-program'"),
    ],
)
def test_what_cannot_be_run_is_a_bad_start(command, message):
    load = ScriptWorkload(name="mine", project=PROJECT, command=command)
    with pytest.raises(StartError, match=message):
        load.check()


def test_a_line_that_is_no_command_is_refused_with_the_file():
    with pytest.raises(ValueError, match="command: No closing quotation"):
        ScriptWorkload(name="mine", project=PROJECT, command="sh 'unclosed")


SCRIPT = """
import os, wandb
for project in (None, "elsewhere"):
    with wandb.init(project=project) as run:
        for step in range(5):
            run.log({"loss": step})
"""


@pytest.mark.sdk
async def test_all_runs_of_a_script_are_found_whatever_their_names_and_projects():
    env = {"WANDB_X_DISABLE_STATS": "true", "WANDB_CONSOLE": "off"}
    load = workload(sys.executable, "-c", SCRIPT, env=env)
    async with started_here(ServerConfig(port=0)) as place, aiohttp.ClientSession() as session:
        reader = AccountReader(session, place.url, ["team/p"], "abc", marked=True)
        await reader.check()
        [client] = await load.run(around(url=place.url))
        account, behaved = await reader.read(), await reader.read_clients()
    assert (client.exit_code, client.error) == (0, None)
    assert {(run.project, run.rows_stored) for run in account.runs} == {("p", 5), ("elsewhere", 5)}
    counted = tally(["mine"], [client], account, behaved).workloads["mine"]
    assert (counted.clients, counted.run_states) == (1, {"finished": 2})
    assert (counted.rows.sent, counted.rows.stored, counted.rows.missing) == (10, 10, 0)
    assert counted.behaviour.requests == counted.answered()
