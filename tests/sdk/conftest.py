"""A real server in a thread, and real processes of the installed SDK that talk to it."""

import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from mockwb.clock import RealClock
from mockwb.config.load import load_config
from mockwb.server import Server

KEY = "0" * 39 + "1"
USER = "ada"
PATIENCE = 120
"""Seconds after which a process counts as hung."""

_INHERITED = ("PATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "TMPDIR")
_TROUBLE = re.compile(r"error|warn|fail|retr|traceback|denied|refused|invalid", re.IGNORECASE)
_RUN_ID = re.compile(r"(?<=/runs/)\w+|(?<=/run-\d{8}_\d{6}-)\w+")
"""What is made up may say anything."""
_NOT_INFO = re.compile(r'"level":"(?!INFO)|^(?![{\d])|^[\d-]+ [\d:,]+ (?!INFO|DEBUG)')
"""Of the log that wandb-core writes as JSON, and older releases as text."""
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
_HARMLESS = (
    "git repo not found",  # the test's folder is none
    "exit status 128",  # of git: the repository has no remote
    "error generating diff",  # nothing differs from the commit
    "handleCodeSave: program relative path is empty",
)
"""What wandb-core logs in a folder without a repository, whatever the server."""

HEAD = "from __future__ import annotations\n"
MAIN = """
if __name__ == "__main__":
    import json, pathlib, sys
    result = {name}(**json.loads(sys.argv[1]))
    pathlib.Path("result.json").write_text(json.dumps(result, default=dict))
"""


class Sdk:
    """Runs functions in processes of their own, with the SDK pointed at one server."""

    def __init__(self, url: str, folder: Path, python: str | Path = sys.executable) -> None:
        folder.mkdir(exist_ok=True)
        self.url = url
        self.folder = folder
        self.python = python
        """Interpreter with the SDK to use."""
        self._trusted: dict[str, str] = {}
        self._read: set[Path] = set()

    def trusts(self, authority: Path) -> None:
        """Let the SDK accept what the certificate authority in that PEM file has signed."""
        self._trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(authority))

    def run(
        self,
        function: Callable[..., Any],
        /,
        *,
        env: dict[str, str] | None = None,
        expected: str | None = None,
        **arguments: object,
    ) -> Any:
        """What `function` returned; its arguments and its result go through JSON.

        The process must end well and say nothing of trouble but lines that match `expected`.
        """
        with self.start(function, env=env, **arguments) as process:
            return process.result(expected)

    def start(
        self,
        function: Callable[..., Any],
        /,
        *,
        env: dict[str, str] | None = None,
        **arguments: object,
    ) -> "SdkProcess":
        """As `run`, without waiting; use it as a context. One at a time in a folder."""
        source = textwrap.dedent(inspect.getsource(function))
        script = self.folder / f"{function.__name__}.py"
        script.write_text(HEAD + source + MAIN.format(name=function.__name__), encoding="utf-8")
        command = [str(self.python), str(script), json.dumps(arguments)]
        return SdkProcess(self, command, self._environment() | (env or {}))

    def run_until_killed(self, function: Callable[..., Any], /, **arguments: object) -> None:
        """Start `function` and send its process SIGKILL once it has printed `ready`."""
        with self.start(function, **arguments) as process:
            process.until(lambda: "ready" in process.output.splitlines())

    def account(self, run: str, project: str = "*") -> Any:
        """What the server's account says of the one run of that name in the projects so called."""
        (account,) = self.ask(f"account?run={run}&project=*/{project}")["runs"]
        return account

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """What mockwb's own API answers."""
        request = urllib.request.Request(
            f"{self.url}/_mockwb/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def trouble(self, output: str, expected: str | None) -> list[str]:
        """Suspicious lines in `output` and in the logs that the SDK's own processes wrote since."""
        lines = output.splitlines()
        logs = set(self.folder.glob("wandb/run-*/logs/debug-internal.log")) - self._read
        self._read |= logs
        for log in logs:
            lines += filter(_NOT_INFO.search, log.read_text().splitlines())
        return [
            line
            for line in lines
            if _TROUBLE.search(_RUN_ID.sub("", line))
            and not any(text in line for text in _HARMLESS)
            and not (expected and re.search(expected, line))
        ]

    def _environment(self) -> dict[str, str]:
        folder = str(self.folder)
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        return (
            inherited
            | self._trusted
            | {
                "HOME": folder,
                "NETRC": f"{folder}/netrc",
                "WANDB_BASE_URL": self.url,
                "WANDB_API_KEY": KEY,
                "WANDB_DIR": folder,
                "WANDB_CACHE_DIR": f"{folder}/cache",
                "WANDB_CONFIG_DIR": f"{folder}/config",
                "WANDB_DATA_DIR": f"{folder}/data",
                "WANDB_ARTIFACT_DIR": f"{folder}/artifacts",
            }
        )


class SdkProcess:
    """One function in a process of its own, which does not outlive its context."""

    def __init__(self, sdk: Sdk, command: list[str], environment: dict[str, str]) -> None:
        self._sdk = sdk
        self._written = sdk.folder / "output.txt"
        with self._written.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=sdk.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        """What it has written to both its outputs."""
        return _COLOUR.sub("", self._written.read_text())

    def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` holds; fails if the process ends before that."""
        until(lambda: condition() or self._process.poll() is not None)
        assert condition(), self.output

    def result(self, expected: str | None = None) -> Any:
        """Wait for the end; see `Sdk.run`."""
        self._process.wait(PATIENCE)
        output = self.output
        assert self._process.returncode == 0, output
        assert self._sdk.trouble(output, expected) == [], output
        return json.loads((self._sdk.folder / "result.json").read_text())

    def __enter__(self) -> "SdkProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()


def until(condition: Callable[[], object]) -> None:
    """Wait until `condition` holds; fails when patience is over."""
    clock = RealClock()
    deadline = clock.now() + PATIENCE
    while not condition():
        assert clock.now() < deadline, "waited in vain"
        threading.Event().wait(0.02)


@contextmanager
def serving(**settings: object) -> Iterator[Server]:
    """A server in a thread of its own, on a free port and the real clock."""
    started: Future[Server] = Future()
    stop = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        try:
            async with Server(load_config(overlay={"port": 0, **settings})) as server:
                started.set_result(server)
                await stop.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        yield started.result(timeout=PATIENCE)
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests of the SDK; each test takes a project of its own."""
    with serving(auth={"keys": [{"key": KEY, "user": USER}]}) as running:
        yield running


@pytest.fixture
def sdk(server: Server, tmp_path: Path) -> Sdk:
    return Sdk(server.url, tmp_path)


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A project that no other test writes to."""
    return str(request.node.name).replace("[", "-").replace("]", "")[:100]
