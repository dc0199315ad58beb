"""`mockwb ctl` against a server process: what it shows, what it changes, what it refuses."""

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from mockwb.cli.main import main
from mockwb.config.load import load_config
from tests.cli.serve_process import post, serving
from tests.wandb_client import UPSERT

Ctl = Callable[..., Result]
VIEWER = {"query": "{ viewer { id } }"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """One server for all tests; each starts it afresh with `ctl`."""
    with serving() as server:
        yield server.url


def run_ctl(url: str, *words: str, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, ["ctl", "--url", url, *words], env=env)


@pytest.fixture
def ctl(url: str) -> Ctl:
    """A command against the server, which limits nothing yet; it must succeed unless `code`."""

    def ctl(*words: str, code: int = 0) -> Result:
        result = run_ctl(url, *words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    ctl("release")
    ctl("plan", "unlimited")
    ctl("reset")
    return ctl


def start_run(url: str, run: str = "r") -> str:
    """The URL of its file_stream."""
    variables = {"entity": "e", "project": "p", "name": run}
    assert post(f"{url}/graphql", {"query": UPSERT, "variables": variables})[0] == 200
    return f"{url}/files/e/p/{run}/file_stream"


def statuses(stream: str, count: int) -> list[int]:
    return [post(stream, {})[0] for _ in range(count)]


def lines(result: Result) -> list[list[str]]:
    """Words of each line below the first."""
    return [line.split() for line in result.stdout.splitlines()[1:]]


def test_given_limits_set_then_they_hold_from_the_next_request_on(url, ctl) -> None:
    stream = start_run(url)
    assert statuses(stream, 3) == [200, 200, 200]
    result = ctl("set", "run.requests=1/1h,5/1d", "project.bytes=10MB/1m")
    assert lines(result) == [["project.bytes", "10MB/1m"], ["run.requests", "1/1h,", "5/1d"]]
    assert statuses(stream, 2) == [200, 429]
    ctl("set", "run.requests=unlimited")
    assert statuses(stream, 1) == [200]


def test_given_requests_then_limits_shows_the_windows_of_scope_and_key(url, ctl) -> None:
    ctl("set", "project.requests=60/1h", "run.requests=9/1d fixed", "project.bytes=100kB/1h")
    for run in ("a", "b"):
        statuses(start_run(url, run), 2)
    shown = {(line[0], line[1]): line[2:5] for line in lines(ctl("limits"))}
    assert shown["project.requests", "e/p"] == ["60/1h", "4", "56"]
    assert shown["project.bytes", "e/p"] == ["100kB/1h", "8B", "99.99kB"]
    (line,) = lines(ctl("limits", "--scope", "run", "--key", "*/a"))
    assert line[:6] == ["run.requests", "e/p/a", "9/1d", "fixed", "2", "7"]
    answer = json.loads(ctl("limits", "--scope", "run", "--json").stdout)
    assert {window["key"] for window in answer["windows"]} == {"e/p/a", "e/p/b"}
    assert "no window that matches is in use" in ctl("limits", "--key", "nobody").stderr


def test_given_windows_in_use_when_reset_then_they_are_empty(url, ctl) -> None:
    ctl("set", "run.requests=2/1h")
    one, other = start_run(url, "one"), start_run(url, "other")
    assert statuses(one, 3) == statuses(other, 3) == [200, 200, 429]
    assert ctl("reset", "--scope", "run", "--key", "*/one").stdout == "1 window emptied\n"
    assert (statuses(one, 1), statuses(other, 1)) == ([200], [429])


def test_given_an_override_then_it_holds_for_its_glob_until_it_is_unset(url, ctl) -> None:
    ctl("set", "run.requests=1/1h")
    result = ctl("override", "run", "e/p/big-*", "requests=unlimited")
    assert "run e/p/big-*: requests unlimited" in result.stdout
    big, small = start_run(url, "big-1"), start_run(url, "small")
    assert (statuses(big, 2), statuses(small, 2)) == ([200, 200], [200, 429])
    assert "big" not in ctl("unset-override", "run", "e/p/big-*").stdout
    assert statuses(big, 2) == [200, 429]
    assert (
        "no override with match 'e/p/big-*'"
        in ctl("unset-override", "run", "e/p/big-*", code=1).stderr
    )


def test_given_a_plan_by_name_or_file_then_its_limits_hold(url, ctl, tmp_path) -> None:
    assert ctl("plan", "dedicated").stdout.startswith("plan dedicated\n  project.requests ")
    mine = tmp_path / "mine.yaml"
    mine.write_text("limits: {user: {requests: 1/1h}, retry_after: off}\nport: 1\n")
    result = ctl("plan", str(mine))
    assert lines(result) == [["user.requests", "1/1h"]]
    assert "only its limits are taken, not port" in result.stderr
    assert [post(f"{url}/graphql", VIEWER)[0] for _ in range(2)] == [200, 429]
    ctl("plan", "unlimited")
    assert post(f"{url}/graphql", VIEWER)[0] == 200


def test_given_rules_when_saved_then_they_are_a_plan_to_serve(ctl, tmp_path) -> None:
    ctl("plan", "tight")
    ctl("set", "run.requests=2/1s,60/1m")
    ctl("override", "project", "t/*", "bytes=5MB/1m")
    mine = tmp_path / "mine.yaml"
    mine.write_text(ctl("rules").stdout)
    served = load_config(plan=str(mine)).limits
    assert str(served.run.requests) == "2/1s, 60/1m"
    assert str(served.project.overrides[0].bytes) == "5MB/1m"
    ctl("plan", str(mine))
    assert json.loads(ctl("rules", "--json").stdout)["plan"] == str(mine)
    assert ctl("rules").stdout.partition("\n")[2] == mine.read_text().partition("\n")[2]


def test_given_a_freeze_then_everything_is_refused_until_it_is_released(url, ctl) -> None:
    stream = start_run(url)
    assert ctl("freeze", "--reset", "7").stdout == "frozen until released\n"
    status, _, headers = post(stream, {})
    assert (status, headers["RateLimit-Reset"]) == (429, "7")
    assert "frozen" in ctl("limits").stderr
    assert ctl("release").stdout == "not frozen\n"
    assert statuses(stream, 1) == [200]
    assert ctl("freeze", "--for", "1h").stdout.startswith("frozen for ")


def test_given_a_client_that_hammers_then_clients_says_so(url, ctl) -> None:
    stream = start_run(url, "hammer")
    ctl("set", "run.requests=1/1h")
    assert statuses(stream, 4) == [200, 429, 429, 429]
    header, line = ctl("clients", "--project", "e/*", "--run", "hammer").stdout.splitlines()[:2]
    assert header.split()[:5] == ["client", "endpoint", "sent", "429", "retries"]
    assert "graphql" in line or "file_stream" in line
    answer = json.loads(ctl("clients", "--run", "hammer", "--json").stdout)
    (client,) = (one for one in answer["clients"] if one["endpoint"] == "file_stream")
    assert (client["refused"], client["premature_retries"]) == (3, 2)
    assert "no client that matches" in ctl("clients", "--run", "nobody").stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["set", "project.request=6/1m"], 2, "did you mean project.requests? Known: project.req"),
        (["set", "run.requests=6"], 2, "'run.requests=6': run.requests: expected an amount per"),
        (["set", "run.requests"], 2, "expected a limit and its rates, such as project.requests=60"),
        (["set"], 2, "Missing argument 'SCOPE.NAME=RATES...'"),
        (["override", "user", "x", "bytes=1MB/1m"], 2, "no limit called 'user.bytes'"),
        (["set", "speed=9/1m"], 2, "no limit called 'speed'; known: project.requests"),
        (["override", "team", "x", "requests=1/1m"], 2, "'team' is not one of 'project', 'run'"),
        (["plan", "cloud-fre"], 1, "no plan called 'cloud-fre'; did you mean cloud-free?"),
        (["plan", "nowhere.yaml"], 2, "nowhere.yaml: No such file"),
        (["freeze", "--for", "soon"], 2, "--for: expected a duration such as 500ms"),
        (["clients", "--project", "p"], 1, "'project': expected entity/project, as a glob"),
        (["reset", "--scope", "team"], 2, "'team' is not one of"),
    ],
)
def test_given_wrong_words_then_it_says_what_was_expected_and_changes_nothing(
    ctl, words, code, message
) -> None:
    before = ctl("rules").stdout
    assert message in " ".join(ctl(*words, code=code).stderr.split())
    assert ctl("rules").stdout == before


def test_given_a_plan_file_without_limits_then_it_is_refused(ctl, tmp_path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert "expected a `limits` section" in ctl("plan", str(tmp_path / "empty.yaml"), code=2).stderr
    (tmp_path / "bad.yaml").write_text("limits:\n  project: {requests: 60}\n")
    assert (
        "bad.yaml:2: limits.project.requests: expected"
        in ctl("plan", str(tmp_path / "bad.yaml"), code=2).stderr
    )


def test_given_a_token_then_it_is_asked_for_and_read_from_flag_or_environment() -> None:
    with serving("--admin-token", "s3cret") as server:
        refused = run_ctl(server.url, "rules")
        assert refused.exit_code == 1
        assert "give it as --admin-token or in MOCKWB_CONTROL__ADMIN_TOKEN" in refused.stderr
        assert run_ctl(server.url, "--admin-token", "other", "rules").exit_code == 1
        assert run_ctl(server.url, "--admin-token", "s3cret", "rules").exit_code == 0
        env = {"MOCKWB_CONTROL__ADMIN_TOKEN": "s3cret"}
        assert run_ctl(server.url, "rules", env=env).exit_code == 0


def test_given_a_server_without_control_then_it_says_that_it_is_off() -> None:
    with serving("--no-control") as server:
        off = run_ctl(server.url, "limits")
        assert off.exit_code == 1
        assert "off" in off.stderr


def test_given_no_server_then_it_says_so_and_exits_1() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mockwb", "ctl", "--url", "http://127.0.0.1:1", "limits"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: no mockwb server at http://127.0.0.1:1: Connection refused\n"


@pytest.mark.parametrize(
    "url", ["localhost:8080", "http://", "ftp://x", "http://x:port", "http://["]
)
def test_given_a_wrong_url_then_it_exits_2_and_says_what_was_expected(url) -> None:
    result = run_ctl(url, "limits")
    assert result.exit_code == 2
    assert "--url: expected http://HOST:PORT" in result.stderr


@pytest.mark.parametrize("token", ["two words", "p\u00e4ss", "line\nbreak", "\u20ac"])
def test_given_a_token_that_no_header_takes_then_it_is_refused_before_it_is_sent(token) -> None:
    result = run_ctl("http://127.0.0.1:1", "--admin-token", token, "limits")
    assert result.exit_code == 2
    assert "--admin-token: expected ASCII" in result.stderr
    assert token not in result.stderr


def test_given_the_environment_then_it_names_the_server(url) -> None:
    env = {"WANDB_BASE_URL": f"{url}/"}
    result = CliRunner().invoke(main, ["ctl", "rules"], env=env)
    assert result.exit_code == 0, result.output


class _Other(http.server.BaseHTTPRequestHandler):
    """Some other server: a page, an error page, and a redirect."""

    def do_GET(self) -> None:
        status = {"limits": 200, "rules": 500}.get(self.path.rpartition("/")[2], 302)
        self.send_response(status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(b"<html>hello")

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize("words", [["limits"], ["rules"], ["clients"]])
def test_given_another_server_then_it_says_that_it_is_no_mockwb(words) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        result = run_ctl(f"http://127.0.0.1:{other.server_port}", *words)
        other.shutdown()
    assert result.exit_code == 1
    assert "answers like no mockwb" in result.stderr
