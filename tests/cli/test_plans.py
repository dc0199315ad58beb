"""`mockwb plans`: what it lists, and that what it prints can be served."""

import os
import re
import subprocess
import sys

import pytest

from mockwb.limits.plans import plan_names, plan_summary, plan_text
from tests.cli.serve_process import post, serving

PLANS = [sys.executable, "-m", "mockwb", "plans"]


def plans(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PLANS, *words], capture_output=True, text=True, timeout=60)


def test_given_a_pipe_then_each_plan_is_one_plain_line_with_its_summary() -> None:
    done = plans()
    assert done.returncode == 0
    _, *lines = done.stdout.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [
        [name, plan_summary(name)] for name in plan_names()
    ]


def test_given_a_terminal_then_each_plan_is_there_with_its_summary() -> None:
    ours, terminal = os.openpty()
    env = {**os.environ, "COLUMNS": "80", "TERM": "xterm"}
    subprocess.run(PLANS, stdout=terminal, env=env, timeout=60, check=True)
    os.close(terminal)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert all(name in shown for name in plan_names())
    words = re.sub(r"\x1b\[[0-9;]*m", "", shown).split()
    assert set(" ".join(map(plan_summary, plan_names())).split()) <= set(words)


@pytest.mark.parametrize("name", plan_names())
def test_given_a_name_then_the_file_is_printed_as_it_is(name) -> None:
    assert plans("show", name).stdout == plan_text(name)


def test_given_a_shown_plan_when_edited_and_served_then_it_holds(tmp_path) -> None:
    mine = tmp_path / "mine.yaml"
    shown = plans("show", "cloud-free").stdout
    mine.write_text(shown.replace("requests: 200/1m", "requests: 1/1m"))
    with serving("--plan", str(mine)) as server:
        assert "  project.requests          50/1m\n" in server.greeting
        assert "  user.requests             1/1m\n" in server.greeting
        query = {"query": "{ viewer { id } }"}
        assert [post(f"{server.url}/graphql", query)[0] for _ in range(2)] == [200, 429]


def test_given_an_unknown_name_then_it_exits_2_and_names_the_nearest() -> None:
    done = plans("show", "cloud-fre")
    assert done.returncode == 2
    assert "no plan called 'cloud-fre'; did you mean cloud-free?" in done.stderr
    assert done.stdout == ""
