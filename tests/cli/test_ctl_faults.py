"""`mockwb ctl fault` against a server process, and `mockwb serve --fault-profile`."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator

import click
import pytest

from mockwb.cli.ctl.faults import add
from mockwb.faults.kinds.registry import KINDS
from tests.cli.serve_process import serving
from tests.cli.test_ctl import Ctl, lines, run_ctl, start_run, statuses
from tests.wandb_client import authorization


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as server:
        yield server.url


@pytest.fixture
def ctl(url: str) -> Ctl:
    """A command against the server, in which no fault is in force yet."""

    def ctl(*words: str, code: int = 0):
        result = run_ctl(url, "fault", *words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    ctl("remove", "--all")
    return ctl


def test_given_a_fault_that_is_added_then_it_acts_and_is_listed_until_removed(url, ctl) -> None:
    stream = start_run(url)
    result = ctl("add", "status", "--status", "500", "--endpoint", "file_stream", "--first", "3")
    assert result.stdout == "fault status is in force\n"
    assert statuses(stream, 5) == [500, 500, 500, 200, 200]
    (line,) = lines(ctl("list"))
    assert line == ["status", "status", "endpoint=file_stream", "first=3", "-", "5", "3"]
    answer = json.loads(ctl("list", "--json").stdout)
    assert answer["faults"][0]["rule"]["what"]["status"] == 500
    assert "no faults are in force" in ctl("remove", "status").stderr


def test_given_settings_of_every_form_then_the_server_gets_them(ctl) -> None:
    words = "--name slow --time 1m30s --distribution normal --project a/* --probability 0.5"
    ctl("add", "latency", *words.split(), "--for", "10s", "--every", "1m")
    ctl("add", "bandwidth", "--up", "64kB")
    ctl("add", "status", "--handled", "--message", "no luck")
    shown = {line[0]: line for line in lines(ctl("list"))}
    assert "project=a/*" in shown["slow"]
    assert {"probability=0.5", "for=10s", "every=1m", "time=1m30s"} <= set(shown["slow"])
    assert "up=64000" in shown["bandwidth"]
    assert "handled=True" in shown["status"]


def test_given_a_profile_then_its_faults_are_in_force(ctl) -> None:
    assert [line[0] for line in lines(ctl("profile", "overloaded"))] == [
        "overloaded-slow",
        "overloaded-429",
        "overloaded-503",
        "overloaded-504",
    ]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["add", "status", "--status", "200"], 1, "what.status: expected `int` >= 400"),
        (["add", "latency", "--time", "soon"], 1, "what.time: expected a duration"),
        (["add", "flood"], 2, "No such command 'flood'"),
        (["remove", "nobody"], 1, "there is no fault called 'nobody'"),
        (["remove"], 2, "expected the NAME of a fault, or --all"),
        (["profile", "outrage"], 1, "did you mean outage"),
    ],
)
def test_given_a_mistake_then_it_is_named(ctl, words, code, message) -> None:
    assert message in ctl(*words, code=code).output


@pytest.mark.parametrize("name", KINDS)
def test_given_any_kind_then_its_command_has_an_option_of_its_own_for_each_setting(name) -> None:
    command = add.commands[name]
    flags = [flag for option in command.params for flag in option.opts]
    assert len(flags) == len(set(flags))
    wanted = {f"--{field.replace('_', '-')}" for field in KINDS[name].__struct_encode_fields__}
    assert wanted < set(flags)
    assert command.get_help(click.Context(command))


def test_given_a_profile_at_the_start_then_the_server_begins_with_it() -> None:
    with serving("--fault-profile", "outage") as server:
        request = urllib.request.Request(
            f"{server.url}/graphql", b'{"query": "{ viewer { id } }"}', authorization()
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        with caught.value as refused:
            assert (refused.code, b"nginx" in refused.read()) == (503, True)
