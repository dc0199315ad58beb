"""Large uploads to `mockwb serve`: never whole in its memory, and nothing left behind."""

import signal
import socket
import time
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.cli.serve_process import post, serving
from tests.wandb_client import UPSERT

CREATE = """
mutation { createRunFiles(input: {
  entityName: "e", projectName: "p", runName: "r", files: ["large.bin"]
}) { files { uploadUrl } } }
"""
PIECE = bytes(1_000_000)
PIECES = 200


def upload_url(url: str) -> str:
    variables = {"entity": "e", "project": "p", "name": "r"}
    post(f"{url}/graphql", {"query": UPSERT, "variables": variables})
    _, answer, _ = post(f"{url}/graphql", {"query": CREATE})
    return answer["data"]["createRunFiles"]["files"][0]["uploadUrl"]


def put(url: str, body: object) -> int:
    with urllib.request.urlopen(urllib.request.Request(url, data=body, method="PUT")) as response:
        return response.status


def peak_memory(pid: int) -> int:
    """Bytes that the process held at most so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_given_a_large_upload_then_it_is_never_whole_in_memory(tmp_path) -> None:
    with serving(env={"TMPDIR": str(tmp_path)}) as server:
        url = upload_url(server.url)
        before = peak_memory(server.pid)
        assert put(url, (PIECE for _ in range(PIECES))) == 200
        (stored,) = tmp_path.glob("mockwb-*/*")
        assert stored.stat().st_size == PIECES * len(PIECE)
        assert peak_memory(server.pid) - before < 20 * len(PIECE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_given_a_signal_then_stored_and_unfinished_uploads_are_removed(tmp_path, number) -> None:
    env = {"TMPDIR": str(tmp_path), "MOCKWB_SHUTDOWN_TIMEOUT": "100ms"}
    with serving(env=env) as server:
        url = upload_url(server.url)
        assert put(url, 2 * PIECE) == 200
        with half_an_upload(url):
            while len(list(tmp_path.glob("mockwb-*/*"))) < 2:
                time.sleep(0.01)  # noqa: TID251 -- another process lives in real time
            server.send_signal(number)
            assert server.wait(timeout=30) == 0
    assert list(tmp_path.iterdir()) == []


def half_an_upload(url: str) -> socket.socket:
    """A connection over which half of an upload has come, and no more will."""
    where = urlsplit(url)
    link = socket.create_connection((where.hostname, where.port))
    head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: x\r\n"
    link.sendall(f"{head}Content-Length: {4 * len(PIECE)}\r\n\r\n".encode() + 2 * PIECE)
    return link
