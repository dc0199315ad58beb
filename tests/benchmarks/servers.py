"""Starts the two servers that are compared, each as a process of its own, and asks about them."""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from mockwb.account import Account
from tests.benchmarks.load import API_KEY

_MOCKWB = (
    *("-m", "mockwb", "serve", "--port", "0"),
    # Limits that count every request and refuse none.
    *("--project-requests", "100000000/1m", "--project-bytes", "1000GB/1m"),
)
_FLOOR = ("-m", "tests.benchmarks.floor")
_UPSERT = """
mutation UpsertBucket($entity: String, $project: String, $name: String) {
  upsertBucket(input: {entityName: $entity, modelName: $project, name: $name}) {
    bucket { name project { name entity { name } } }
  }
}
"""


@dataclass(frozen=True)
class Started:
    """A server process that listens on 127.0.0.1."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """User and system time that the process has used so far; 0 where /proc does not tell."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return 0.0
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def floor() -> Iterator[Started]:
    """The floor server, for as long as the block lasts."""
    with _started(_FLOOR, r"port (\d+)") as server:
        yield server


@contextmanager
def mockwb() -> Iterator[Started]:
    """A mockwb with its usual settings and with limits, for as long as the block lasts."""
    with _started(_MOCKWB, r"serving at http://127\.0\.0\.1:(\d+)") as server:
        yield server


def create_runs(server: Started, entity: str, project: str, runs: Sequence[str]) -> None:
    """Create the runs as SDKs do; RuntimeError if the server does not."""
    for run in runs:
        variables = {"entity": entity, "project": project, "name": run}
        body = {"query": _UPSERT, "variables": variables, "operationName": "UpsertBucket"}
        reply = json.loads(_fetched(f"{server.url}/graphql", json.dumps(body).encode()))
        if reply.get("errors") or reply["data"]["upsertBucket"]["bucket"]["name"] != run:
            raise RuntimeError(f"run {run} was not created: {reply}")


def account_of(server: Started, entity: str, project: str) -> Account:
    """What mockwb says about the runs of a project."""
    query = urllib.parse.urlencode({"project": f"{entity}/{project}"})
    return msgspec.json.decode(_fetched(f"{server.url}/_mockwb/account?{query}"), type=Account)


def _fetched(url: str, body: bytes | None = None) -> bytes:
    credentials = b64encode(f"api:{API_KEY}".encode()).decode()
    headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers)  # a body makes it a POST
    with urllib.request.urlopen(request, timeout=60) as reply:
        return reply.read()


@contextmanager
def _started(arguments: Sequence[str], port_line: str) -> Iterator[Started]:
    command = [sys.executable, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            match = re.search(port_line, line)
            if match is not None:
                yield Started(int(match.group(1)), process.pid)
                break
        else:
            raise RuntimeError(f"{' '.join(arguments)} ended before it listened")
    finally:
        process.terminate()
        process.stdout.close()
        process.wait(timeout=30)
