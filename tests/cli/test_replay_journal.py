"""`mockwb replay-journal` against server processes: what it says, and how it exits."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.main import main
from tests.cli.serve_process import post, serving
from tests.cli.test_ctl import run_ctl, start_run
from tests.replay.recorder import entry, written
from tests.wandb_client import KEY, history


def run_replay(*words: str) -> Result:
    result = CliRunner().invoke(main, ["replay-journal", *words], env={"WANDB_API_KEY": KEY})
    assert "Traceback" not in result.output
    return result


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run of two requests, and what does not belong to it, from a server that is gone."""
    file = tmp_path_factory.mktemp("recorded") / "j.har"
    with serving("--journal-bodies") as server:
        stream = start_run(server.url)
        post(stream, history(0, 3))
        run_ctl(server.url, "limits")
        assert run_ctl(server.url, "journal", "--har", str(file)).exit_code == 0
    return file


@pytest.mark.parametrize("speed", ["1x", "10x", "max"])
def test_given_a_server_like_the_recorded_one_then_all_is_the_same(archive, speed) -> None:
    with serving() as server:
        result = run_replay(str(archive), "--url", server.url, "--speed", speed)
    assert result.exit_code == 0, result.output
    assert "2 requests sent in " in result.stdout
    assert "2 with the same status" in result.stdout
    assert "2 not sent: not W&B's runs, files or GraphQL" in result.stdout


def test_given_another_status_then_it_is_told_and_the_exit_code_is_1(archive) -> None:
    with serving("--api-key", "f" * 40) as server:
        result = run_replay(str(archive), "--url", server.url, "--speed", "max")
        assert result.exit_code == 1
        assert "1 graphql: 200 was, 401 is now" in result.stdout
        assert "request 1 (POST /graphql): " in result.stdout
        key = ("--api-key", "f" * 40)
        assert run_replay(str(archive), "--url", server.url, *key).exit_code == 0


def test_given_no_bodies_then_nothing_is_sent_and_the_error_names_the_setting(tmp_path) -> None:
    file = written(tmp_path / "j", entry(1, request=None))
    result = run_replay(str(file), "--url", "http://127.0.0.1:1")
    assert result.exit_code == 2
    assert "request 1 (POST /files/e/p/r/file_stream)" in result.stderr
    assert "journal.bodies: true" in result.stderr


def test_given_no_server_then_the_error_names_it(archive) -> None:
    result = run_replay(str(archive), "--url", "http://127.0.0.1:1")
    assert (result.exit_code, "no server at http://127.0.0.1:1" in result.stderr) == (2, True)


@pytest.mark.parametrize("speed", ["fast", "0x", "-1x", "", "1xx"])
def test_given_a_speed_that_is_none_then_the_error_names_it(archive, speed) -> None:
    result = run_replay(str(archive), "--url", "http://127.0.0.1:1", "--speed", speed)
    assert (result.exit_code, "--speed: expected" in result.stderr) == (2, True)


@pytest.mark.parametrize("url", ["localhost:8080", "ftp://h", "http://"])
def test_given_no_url_then_the_error_names_it(archive, url) -> None:
    result = run_replay(str(archive), "--url", url)
    assert (result.exit_code, "--url: expected" in result.stderr) == (2, True)
