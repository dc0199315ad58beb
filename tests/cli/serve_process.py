"""`mockwb serve` as a process, for tests that need one."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.wandb_client import KEY, authorization

COMMAND = [sys.executable, "-m", "mockwb", "serve"]


@contextmanager
def serving(*flags: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """A server process; `process.url` once it says so, its greeting in `process.greeting`."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )
    try:
        greeting = ""
        while "Ctrl-C stops" not in greeting:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            greeting += line
        process.greeting = greeting
        process.url = re.search(r"serving at (http://\S+)", greeting).group(1)
        yield process
    finally:
        process.kill()
        process.communicate()


def post(url: str, body: object, key: str = KEY) -> tuple[int, Any, dict[str, str]]:
    """POST JSON: status, JSON answer, headers."""
    request = urllib.request.Request(
        url, data=json.dumps(body).encode(), headers=authorization(key), method="POST"
    )
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, json.load(response), dict(response.headers)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused), dict(refused.headers)
