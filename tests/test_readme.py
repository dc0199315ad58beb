"""The README keeps its promises: every command runs, the settings are the defaults."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from mockwb.config.load import load_config
from mockwb.config.model import ServerConfig
from mockwb.observe.metrics import Metrics
from mockwb.yaml_file import decode, parse_yaml

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


COMMANDS = blocks("sh")
FIRST, TESTS = COMMANDS[:2]
TASKS = [block for block in COMMANDS[2:] if not block.startswith("docker")]
TRAIN, EXAMPLE = blocks("python")
(DOCKER,) = (block for block in COMMANDS if block.startswith("docker"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def run_block(block: str, folder: Path, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a block as bash would, in `folder`, on a port of its own; end what it left running."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    bin_folder = Path(sys.executable).parent
    keep = ("LANG", "PIP_", "SSL_", "REQUESTS_", "http", "HTTP", "no_proxy", "NO_PROXY", "TMPDIR")
    env = {name: value for name, value in os.environ.items() if name.startswith(keep)}
    env |= {"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(home)}
    port = str(free_port())
    script = block.replace("mockwb serve", f"mockwb serve --port {port}").replace("8080", port)
    process = subprocess.Popen(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        process.wait(timeout)
        code = process.returncode
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        output = process.communicate()[0]
    return subprocess.CompletedProcess(script, code, output)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "test_training.py").write_text(EXAMPLE)
    return tmp_path


@pytest.mark.sdk
@pytest.mark.parametrize("block", TASKS, ids=lambda block: block.splitlines()[0][:50])
def test_given_a_task_then_its_commands_run_as_they_stand(block: str, folder: Path) -> None:
    done = run_block(block, folder, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.sdk
def test_given_the_example_of_tests_then_they_pass_as_they_stand(folder: Path) -> None:
    # Only this plugin, whether or not the environment's metadata name it already.
    pytest_alone = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 python -m pytest -p mockwb.testing.plugin"
    done = run_block(f"PYTHONPATH={ROOT} {pytest_alone} --strict-markers", folder, timeout=120)
    assert done.returncode == 0, done.stdout
    assert "5 passed" in done.stdout


@pytest.mark.sdk
@pytest.mark.slow
def test_given_a_fresh_clone_then_the_first_command_shows_429s_and_nothing_lost(
    tmp_path: Path,
) -> None:
    clone = tmp_path / "mockwb"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    done = run_block(FIRST, clone, timeout=500)
    assert done.returncode == 0, done.stdout
    (refused,) = re.findall(r"answered 429 +│ +[\d,]+ │ +[\d,]+ │ +([\d,]+)", done.stdout)
    assert int(refused.replace(",", "")) > 0
    assert "holds  rows.missing == 0 (measured: 0)" in done.stdout


def test_given_the_test_command_then_ci_runs_it_as_it_stands() -> None:
    assert "README.md" in (ROOT / ".ci" / "run").read_text()
    assert re.fullmatch(r"python3 -m venv .venv && .*pytest\n", TESTS)


def test_given_the_container_command_then_it_builds_and_serves(tmp_path: Path) -> None:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "info"], capture_output=True).returncode != 0
    ):
        pytest.skip("no Docker engine here; test_container.py runs what the image would run")
    subprocess.run(DOCKER.split("&&")[0].strip(), shell=True, check=True, cwd=ROOT)


def test_given_the_settings_table_then_it_shows_the_defaults() -> None:
    (settings,) = blocks("yaml")
    shown = decode(parse_yaml(settings, "README.md"), ServerConfig)
    unlimited = load_config(
        overlay={"limits": {"project": {"requests": "unlimited", "bytes": "unlimited"}}}
    )
    assert repr(shown) == repr(unlimited)


def test_given_the_settings_table_then_no_setting_is_left_out() -> None:
    (settings,) = blocks("yaml")
    document = parse_yaml(settings, "README.md").data
    sections = {name: value for name, value in document.items() if isinstance(value, dict)}
    assert set(document) == set(ServerConfig.__struct_fields__)
    for name, section in sections.items():
        if name != "features":
            assert set(section) == set(getattr(ServerConfig(), name).__struct_fields__), name


def test_given_the_metrics_table_then_it_lists_the_families_that_there_are() -> None:
    metrics = Metrics(1, list)
    families = {family.name: family.type for family in metrics.collect()}
    named = {f"{name}_total" if kind == "counter" else name for name, kind in families.items()}
    assert set(re.findall(r"`(mockwb_[a-z_]+)`", README.split("### Metrics")[1])) == named
