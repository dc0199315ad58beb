"""`mockwb ctl journal` against a server process: what it lists, follows and exports."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.serve_process import post, serving
from tests.cli.test_ctl import Ctl, lines, run_ctl, start_run
from tests.har_rules import check_har
from tests.wandb_client import KEY


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One server for all tests; each begins with an empty journal."""
    with serving("--journal-bodies", "--limit", "run.requests=1/1h") as server:
        yield server.url


@pytest.fixture
def ctl(url: str) -> Ctl:
    def ctl(*words: str, code: int = 0):
        result = run_ctl(url, *words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    ctl("reset")
    ctl("journal", "--clear")
    return ctl


def test_given_requests_then_it_lists_those_that_are_asked_for(url, ctl) -> None:
    stream = start_run(url, "listed")
    assert [post(stream, {})[0] for _ in range(2)] == [200, 429]
    assert ctl("journal").stderr.endswith("older requests are forgotten\n")
    shown = {tuple(line[1:5]) for line in lines(ctl("journal"))}
    assert ("POST", "graphql", "UpsertBucket", "e/p/listed") in shown
    ((_, _, endpoint, place, *why, status, _, _, _),) = lines(ctl("journal", "--status", "4xx"))
    assert (endpoint, place, status) == ("file_stream", "e/p/listed", "429")
    assert why == ["refused", "by", "run.requests"]
    assert len(lines(ctl("journal", "--endpoint", "file_stream", "--run", "list*"))) == 2
    assert len(lines(ctl("journal", "--project", "e/*", "--since", "1h", "--limit", "1"))) == 1
    none = ctl("journal", "--until", "2020-01-31T12:00:00")
    assert (none.stdout, "no request that matches" in none.stderr) == ("", True)


def test_given_json_then_it_is_the_servers_answer_without_keys(url, ctl) -> None:
    post(start_run(url, "told"), {"files": {}})
    text = ctl("journal", "--json", "--endpoint", "file_stream").stdout
    (entry,) = json.loads(text)["entries"]
    assert json.loads(entry["request"]["body"]) == {"files": {}}
    assert ["Authorization", "[redacted]"] in entry["request"]["headers"]
    assert KEY not in text


def test_given_har_then_the_file_keeps_the_rules(url, ctl, tmp_path: Path) -> None:
    start_run(url, "archived")
    file = tmp_path / "j.har"
    assert "requests written to" in ctl("journal", "--har", str(file)).stdout
    archive = json.loads(file.read_text())
    check_har(archive)
    assert any("archived" in str(entry["request"]) for entry in archive["log"]["entries"])
    nowhere = ctl("journal", "--har", str(tmp_path / "missing" / "j.har"), code=1)
    assert "No such file or directory" in nowhere.output


def test_given_follow_then_it_shows_what_comes_until_interrupted(url, ctl) -> None:
    start_run(url, "before")
    command = [sys.executable, "-m", "mockwb", "ctl", "--url", url, "journal", "--follow"]
    with subprocess.Popen(
        [*command, "--endpoint", "graphql"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert "e/p/before" in process.stdout.readline()
        with urllib.request.urlopen(f"{url}/healthz"):
            start_run(url, "after")
        assert "e/p/after" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stdout.read() == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--status", "4x"), "query parameter 'status'"),
        (("--since", "soon"), "--since: expected a time such as 5m"),
        (("--until", "2026-13-01"), "--until: expected a time"),
        (("--endpoint", "nowhere"), "'nowhere' is not one of"),
        (("--follow", "--clear"), "give one of"),
    ],
)
def test_given_a_bad_question_then_the_error_names_it(url, words, message) -> None:
    result = run_ctl(url, "journal", *words)
    assert result.exit_code in (1, 2)
    assert message in result.output
