"""`mockwb serve` as a process: what it prints, how it ends, what it refuses."""

import json
import re
import signal
import socket
import subprocess

import pytest

from tests.cli.serve_process import COMMAND, post, serving
from tests.wandb_client import KEY, UPSERT, authorization, history


def start_run(url: str) -> None:
    variables = {"entity": "e", "project": "p", "name": "r"}
    post(f"{url}/graphql", {"query": UPSERT, "variables": variables})


def test_given_port_0_then_the_greeting_names_the_real_port_and_what_to_export() -> None:
    with serving() as server:
        port = int(server.url.rsplit(":", 1)[1])
        assert port > 0
        assert f"export WANDB_BASE_URL={server.url}\n" in server.greeting
        key = re.search(r"export WANDB_API_KEY=(\S+)", server.greeting).group(1)
        assert "plan unlimited" in server.greeting
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
        assert "requests 2/1m, bytes 10MB/1m" in server.greeting
        start_run(server.url)
        stream = f"{server.url}/files/e/p/r/file_stream"
        answers = [post(stream, {}) for _ in range(3)]
        assert [status for status, _, _ in answers] == [200, 200, 429]
        assert [head["RateLimit-Remaining"] for _, _, head in answers] == ["500", "0", "0"]


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
        assert "requests 7/1m, bytes 5MB/1m" in server.greeting
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
    with serving("--host", host) as server:
        assert re.fullmatch(shown, server.url)
        assert post(f"{server.url}/graphql", {"query": "{ viewer { id } }"})[0] == 200


def test_given_a_taken_port_then_it_says_so_and_exits_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=60
        )
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
