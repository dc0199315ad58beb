"""The `wandb` command against mockwb, each command as users type it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme

from mockwb.server import Server
from tests.sdk.conftest import USER, Sdk, serving
from tests.sdk.environments import old_sdk_python

pytestmark = pytest.mark.sdk

SYMLINKED = "Symlinked 1 file"
"""What `run.save` warns of."""


def command(arguments: list[str]) -> Any:
    import subprocess
    import sys

    call = [sys.executable, "-m", "wandb", *arguments]
    done = subprocess.run(call, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return {"code": done.returncode, "output": done.stdout + done.stderr}


def typed(sdk: Sdk, *arguments: str) -> str:
    """What a command wrote; it must end well."""
    # Its cache copies a staged file that another part of it may have cleaned up by then.
    own = "job builder disabled|error adding file to cache"
    done = sdk.run(command, arguments=arguments, expected=own)
    assert done["code"] == 0, done["output"]
    return str(done["output"])


def log_some(project: str, name: str) -> str:
    import pathlib

    import wandb

    run = wandb.init(project=project, id=name)
    for step in range(30):
        run.log({"loss": 1 / (step + 1), "accuracy": step})
    pathlib.Path("notes.txt").write_text("from the run")
    run.save("notes.txt")
    print("said")
    run.finish()
    pathlib.Path("notes.txt").unlink()
    return run.url


def log_offline(project: str, name: str) -> None:
    import wandb

    run = wandb.init(project=project, id=name, mode="offline")
    for step in range(30):
        run.log({"loss": step})
    run.finish()


def read(path: str) -> Any:
    import wandb

    run = wandb.Api().run(path)
    return [run.state, [row["loss"] for row in run.scan_history()]]


def checked(sdk: Sdk) -> dict[str, bool]:
    """Check of `wandb verify` -> whether it passed."""
    lines = [line for line in typed(sdk, "verify").splitlines() if "...." in line]
    return {line.partition("....")[0].removeprefix("Checking "): "❌" not in line for line in lines}


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bool]]:
    """What `wandb verify` says over http and over https, both at a time: it mostly waits."""
    folder = tmp_path_factory.mktemp("verify")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    issued = authority.issue_cert("127.0.0.1")
    certificate, key = str(folder / "server.pem"), str(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    tls = {"certificate": certificate, "key": key}
    with serving() as plain, serving(tls=tls) as secure, ThreadPoolExecutor() as threads:
        clients = [Sdk(server.url, folder / str(server.port)) for server in (plain, secure)]
        for client in clients:
            client.trusts(folder / "authority.pem")
        running = {sdk.url.partition(":")[0]: threads.submit(checked, sdk) for sdk in clients}
        return {scheme: checks.result() for scheme, checks in running.items()}


@pytest.mark.xdist_group("wandb verify")
def test_verify_passes_in_full_over_https(verified: dict[str, dict[str, bool]]) -> None:
    checks = verified["https"]
    assert len(checks) == 10
    assert all(checks.values()), checks


@pytest.mark.xdist_group("wandb verify")
def test_verify_finds_nothing_wrong_over_http_but_the_missing_https(
    verified: dict[str, dict[str, bool]],
) -> None:
    checks = verified["http"]
    failed = [name for name, passed in checks.items() if not passed]
    assert failed == ["requests to base url", "requests made over signed URLs"]
    assert len(checks) == 10


def test_login_verifies_the_key_and_status_shows_the_server(sdk: Sdk) -> None:
    assert f"logged in as: {USER}" in typed(sdk, "login", "--verify")
    assert sdk.url in typed(sdk, "status")


def test_pull_downloads_the_files_of_a_run(sdk: Sdk, project: str) -> None:
    sdk.run(log_some, project=project, name="pulled", expected=SYMLINKED)
    written = typed(sdk, "pull", "pulled", "--project", project, "--entity", USER)
    assert "File notes.txt" in written
    assert (sdk.folder / "notes.txt").read_text() == "from the run"
    assert "said" in (sdk.folder / "output.log").read_text()
    assert (sdk.folder / "wandb-summary.json").exists()


def test_sync_brings_an_offline_run(sdk: Sdk, project: str) -> None:
    sdk.run(log_offline, project=project, name="brought", expected="offline")
    (folder,) = (sdk.folder / "wandb").glob("offline-run-*")
    assert "brought" in typed(sdk, "sync", str(folder))
    found = sdk.run(read, path=f"{USER}/{project}/brought")
    assert found == ["finished", list(range(30))]


def test_sync_brings_it_under_another_name_and_the_beta_command_too(sdk: Sdk, project: str) -> None:
    sdk.run(log_offline, project=project, name="named", expected="offline")
    (folder,) = (sdk.folder / "wandb").glob("offline-run-*")
    typed(sdk, "sync", "--id", "renamed", "--project", f"{project}-2", str(folder))
    sdk.run(log_offline, project=project, name="other", expected="offline")
    (folder,) = (sdk.folder / "wandb").glob("offline-run-*-other")
    typed(sdk, "beta", "sync", str(folder))
    for path in (f"{project}-2/renamed", f"{project}/other"):
        assert sdk.run(read, path=f"{USER}/{path}") == ["finished", list(range(30))]


def watch(url: str, wanted: list[str]) -> Any:
    """What leet drew on a terminal until all of `wanted` was there."""
    import fcntl
    import os
    import pty
    import re
    import select
    import struct
    import sys
    import termios

    child, terminal = pty.fork()
    if not child:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.executable, [sys.executable, "-m", "wandb", "beta", "leet", url])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    drawn = b""
    missing = wanted
    while missing and select.select([terminal], [], [], 30)[0]:
        try:
            written = os.read(terminal, 65536)
        except OSError:  # it ended
            break
        if b"\x1b]11;?" in written:  # it asks for the colour behind it
            os.write(terminal, b"\x1b]11;rgb:0000/0000/0000\x07")
        drawn += written
        plain = re.sub(rb"\x1b\[[0-9;?<>=$]*[a-zA-Z]", b"", drawn).decode(errors="replace")
        missing = [text for text in wanted if text not in plain]
    os.kill(child, 15)
    os.waitpid(child, 0)
    return {"missing": missing, "drawn": plain if missing else ""}


def test_leet_draws_a_remote_run(sdk: Sdk, project: str) -> None:
    sdk.run(log_some, project=project, name="drawn", expected=SYMLINKED)
    url = f"{sdk.url}/{USER}/{project}/runs/drawn"
    found = sdk.run(watch, url=url, wanted=["drawn", "Finished", "accuracy", "loss", "29"])
    assert found == {"missing": [], "drawn": ""}
    operations = sdk.account("drawn")["operations"]
    assert {"QueryRunInfo", "RunParquetHistory", "HistoryPage"} <= operations.keys()


@pytest.mark.slow
def test_projects_are_listed_by_an_old_release(
    server: Server, tmp_path: Path, project: str
) -> None:
    # In 0.31.0 the command fails before it prints anything: its list of projects has no length.
    old = Sdk(server.url, tmp_path, old_sdk_python("0.16.6"))
    old.run(log_some, project=project, name="listed", expected=SYMLINKED)
    assert project in typed(old, "projects", "--entity", USER)
