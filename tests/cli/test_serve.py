"""`mockwb serve` as a process: what it prints, how it ends, what it refuses."""

import json
import re
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.cli.serve_process import COMMAND, post, serving
from tests.sdk.conftest import until
from tests.wandb_client import KEY, UPSERT, authorization, history


def start_run(url: str) -> None:
    variables = {"entity": "e", "project": "p", "name": "r"}
    post(f"{url}/graphql", {"query": UPSERT, "variables": variables})


def limits_said(server) -> dict[str, str]:
    """The limits in the greeting."""
    return dict(re.findall(r"^  (\w+\.\w+)  +(.*)$", server.greeting, re.MULTILINE))


def test_given_port_0_then_the_greeting_names_the_real_port_and_what_to_export() -> None:
    with serving() as server:
        port = int(server.url.rsplit(":", 1)[1])
        assert port > 0
        assert f"export WANDB_BASE_URL={server.url}\n" in server.greeting
        key = re.search(r"export WANDB_API_KEY=(\S+)", server.greeting).group(1)
        assert "plan unlimited: nothing is limited\n" in server.greeting
        _, answer, _ = post(f"{server.url}/graphql", {"query": "{ viewer { username } }"}, key)
        assert answer["data"]["viewer"]["username"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_given_a_signal_then_it_exits_0(number) -> None:
    with serving() as server:
        server.send_signal(number)
        assert server.wait(timeout=30) == 0


def test_given_a_request_under_way_when_told_to_stop_then_it_still_gets_its_answer() -> None:
    with serving() as server:
        start_run(server.url)
        body = json.dumps(history(0, 3)).encode()
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as link:
            auth = authorization()["Authorization"]
            head = f"POST /files/e/p/r/file_stream HTTP/1.1\r\nHost: x\r\nAuthorization: {auth}\r\n"
            link.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:10])
            # A second request, answered, shows that the server has the first one in hand.
            post(f"{server.url}/graphql", {"query": "{ viewer { id } }"})
            server.send_signal(signal.SIGTERM)
            while "stopping" not in server.stderr.readline():
                pass
            link.sendall(body[10:])
            answer = link.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")
            assert b"Connection: close" in answer
        assert server.wait(timeout=30) == 0


def test_given_limit_flags_then_they_are_enforced_and_said() -> None:
    with serving("--project-requests", "2/1m", "--project-bytes", "10MB/1m") as server:
        assert limits_said(server) == {"project.requests": "2/1m", "project.bytes": "10MB/1m"}
        start_run(server.url)
        stream = f"{server.url}/files/e/p/r/file_stream"
        answers = [post(stream, {}) for _ in range(3)]
        assert [status for status, _, _ in answers] == [200, 200, 429]
        assert [head["RateLimit-Remaining"] for _, _, head in answers] == ["500", "0", "0"]


def test_given_limits_of_every_scope_then_all_are_said_and_win_over_plan_and_other_flags() -> None:
    flags = ["--plan", "dedicated", "--project-requests", "7/1m"]
    limits = ["project.requests=60/1m", "run.requests = 2/1s, 60/1m fixed", "ip.requests=5/1m"]
    limits += ["project.bytes=unlimited", "project.query_time=30s/1m", "user.requests=3/1m"]
    with serving(*flags, *(part for limit in limits for part in ("--limit", limit))) as server:
        assert limits_said(server) == {
            "project.requests": "60/1m",
            "project.run_creations": "80/1s",
            "project.query_time": "30s/1m",
            "run.requests": "2/1s, 60/1m fixed",
            "user.requests": "3/1m",
            "ip.requests": "5/1m",
        }
        query = {"query": "{ viewer { id } }"}
        answers = [post(f"{server.url}/graphql", query)[0] for _ in range(4)]
        assert answers == [200, 200, 200, 429]


def test_given_overrides_in_a_plan_of_ones_own_then_they_are_said(tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "limits: {project: {overrides: [{match: t/*, requests: 9/1m, bytes: unlimited}]}}"
    )
    with serving("--plan", str(file)) as server:
        assert f"plan {file}\n  project t/*: requests 9/1m; bytes unlimited\n" in server.greeting


def test_given_an_admin_token_then_the_control_api_asks_for_it() -> None:
    with serving("--admin-token", "12345") as server:
        status, answer, _ = post(f"{server.url}/_mockwb/", {})
        assert status == 401
        assert "admin token" in answer["error"]


def test_given_no_control_then_the_control_api_is_off_and_not_advertised() -> None:
    with serving("--no-control") as server:
        assert "_mockwb" not in server.greeting
        assert post(f"{server.url}/_mockwb/", {})[0] == 404
        assert post(f"{server.url}/graphql", {"query": "{ viewer { id } }"})[0] == 200


def test_given_the_world_as_host_and_no_token_then_it_refuses_with_the_reason_and_exits_2() -> None:
    done = subprocess.run(
        [*COMMAND, "--host", "0.0.0.0", "--port", "0"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: 0.0.0.0 is reachable from elsewhere")
    assert "--admin-token" in done.stderr
    assert "Traceback" not in done.stderr


def test_given_api_keys_then_others_are_refused() -> None:
    other = KEY[::-1]
    with serving("--api-key", "k" * 40, "--api-key", other) as server:
        assert f"export WANDB_API_KEY={'k' * 40}" in server.greeting
        for key in ("k" * 40, other):
            assert post(f"{server.url}/graphql", {"query": "{ viewer { id } }"}, key)[0] == 200
        status, answer, _ = post(f"{server.url}/graphql", {"query": "{ viewer { id } }"})
        assert status == 401
        assert "not known here" in answer["errors"][0]["message"]


def test_given_a_config_file_and_environment_then_both_count(tmp_path) -> None:
    file = tmp_path / "mockwb.yaml"
    file.write_text("limits: {project: {requests: 7/1m}}\nlog: {level: debug}\n")
    env = {"MOCKWB_LIMITS__PROJECT__BYTES": "5MB/1m", "MOCKWB_LOG__FORMAT": "json"}
    with serving("--config", str(file), env=env) as server:
        assert limits_said(server) == {"project.requests": "7/1m", "project.bytes": "5MB/1m"}
        start_run(server.url)
        line = json.loads(server.stderr.readline())
        assert line["level"] == "debug"
        assert line["fields"]["operation"] == "UpsertBucket"


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--project-requests", "60"], "limits.project.requests: expected an amount per window"),
        (["--plan", "unlimitd"], "did you mean unlimited"),
        (["--config", "nowhere.yaml"], "nowhere.yaml: No such file"),
        (["--port", "70000"], "70000 is not in the range"),
        (["--crash-after", "soon"], "runs.crash_after: expected a duration"),
        (["--limit", "60/1m"], "--limit: '60/1m': expected a limit and its rates, such as"),
        (["--limit", "project.request=60/1m"], "did you mean project.requests? Known: project.req"),
        (["--limit", "run.requests=60"], "run.requests: expected an amount per window such as"),
        (["--limit", "user.requests=2/1s,2/1s"], "user.requests: expected windows of different"),
        (["--limit", "ip.requests=2/1s", "--limit", "ip.requests=3/1m"], "written ip.requests=2/"),
        (["--admin-token", "two words"], "control.admin_token: "),
    ],
)
def test_given_a_wrong_setting_then_it_exits_2_and_says_what_was_expected(flags, message) -> None:
    done = subprocess.run([*COMMAND, *flags], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("host", "shown"), [("::1", r"http://\[::1\]:\d+"), ("0.0.0.0", r"http://127\.0\.0\.1:\d+")]
)
def test_given_another_host_then_the_address_shown_can_be_used(host, shown) -> None:
    with serving("--host", host, "--no-control") as server:
        assert re.fullmatch(shown, server.url)
        assert post(f"{server.url}/graphql", {"query": "{ viewer { id } }"})[0] == 200


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (("--tls-certificate", "c.pem"), "certificate and key belong together"),
        (("--tls-certificate", "c.pem", "--tls-key", "k.pem"), "c.pem and k.pem: No such file"),
    ],
)
def test_given_tls_files_that_are_no_good_then_it_exits_2_and_names_them(files, message) -> None:
    done = subprocess.run([*COMMAND, "--port", "0", *files], capture_output=True, text=True)
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_given_a_taken_port_then_it_says_so_and_exits_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_given_a_fixture_port_then_the_greeting_says_where_and_its_users_log_in() -> None:
    with serving("--fixture-port", "0") as server:
        fixtures = re.search(r"^fixtures (http://\S+)$", server.greeting, re.MULTILINE).group(1)
        assert post(f"{fixtures}/db/user", {"command": "up", "username": "u"})[0] == 200
        asked = {"query": "{ viewer { username } }"}
        assert post(f"{server.url}/graphql", asked)[0] == 401
        _, answer, _ = post(f"{server.url}/graphql", asked, "u")
        assert answer["data"]["viewer"]["username"] == "u"


def test_given_a_proxy_then_the_greeting_says_where_requests_go() -> None:
    with serving("--proxy", "http://127.0.0.1:1") as process:
        assert "passing W&B's paths on to http://127.0.0.1:1" in process.greeting
        assert "WANDB_API_KEY=...  # yours at http://127.0.0.1:1" in process.greeting


def test_given_a_killed_server_then_its_journal_has_all_but_the_last_second(tmp_path: Path) -> None:
    file = tmp_path / "journal.ndjson"
    with serving("--journal", str(file)) as process:
        for _ in range(3):
            with urllib.request.urlopen(f"{process.url}/healthz"):
                pass
        until(lambda: file.exists() and len(file.read_text().splitlines()) == 3)
        process.kill()
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [1, 2, 3]
