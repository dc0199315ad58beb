import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from mockwb.clock import RealClock
from mockwb.scenario.kinds import sdk_process
from mockwb.scenario.kinds.sdk_process import RowsLogged, environment, run_worker
from mockwb.scenario.workload import Surroundings

HERE = Path(sys.executable)
ORDER = {"entity": "team", "project": "p", "run": "r1", "rows": 3}


def around(stop: asyncio.Event | None = None) -> Surroundings:
    return Surroundings(
        base_url="http://h:1",
        api_key="k" * 40,
        clock=RealClock(),
        run_prefix="abc",
        stop=stop or asyncio.Event(),
    )


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """Puts a script in the SDK worker's place."""

    def be(script: str) -> None:
        file = tmp_path / "worker.py"
        file.write_text("import json, os, sys, time\n" + script)
        monkeypatch.setattr(sdk_process, "_WORKER", file)

    return be


async def run(stop: asyncio.Event | None = None, logged: RowsLogged | None = None):
    return await run_worker("w", ORDER, HERE, around(stop), logged or RowsLogged())


def test_a_worker_sees_the_server_and_nothing_of_the_users_own_login():
    inherited = {
        "PATH": "/bin",
        "HOME": "/home/me",
        "WANDB_API_KEY": "mine",
        "WANDB_MODE": "offline",
    }
    variables = environment(Path("/tmp/x"), HERE, around(), inherited)
    assert variables["WANDB_BASE_URL"] == "http://h:1"
    assert variables["WANDB_API_KEY"] == "k" * 40
    assert variables["PATH"] == "/bin"
    assert "WANDB_MODE" not in variables
    own = ("HOME", "NETRC", "WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")
    assert all(variables[name].startswith("/tmp/x") for name in own)


def test_another_releases_worker_sees_no_packages_of_this_python():
    inherited = {"PATH": "/bin", "PYTHONPATH": "/mine", "VIRTUAL_ENV": "/venv"}
    own = environment(Path("/tmp/x"), HERE, around(), inherited)
    other = environment(Path("/tmp/x"), Path("/cache/bin/python"), around(), inherited)
    assert own["PYTHONPATH"] == "/mine"
    assert "PYTHONPATH" not in other
    assert "VIRTUAL_ENV" not in other


async def test_what_the_worker_reports_becomes_the_clients_result(worker):
    worker(
        "order = json.load(open(sys.argv[1]))\n"
        "report = {'rows': order['rows'], 'values': 6, 'finish_seconds': 1.5}\n"
        "json.dump(report, open(sys.argv[2], 'w'))\n"
    )
    result = await run()
    assert (result.workload, result.run, result.rows, result.values) == ("w", "r1", 3, 6)
    assert (result.finish_seconds, result.exit_code, result.error) == (1.5, 0, None)


async def test_each_worker_lives_in_a_folder_of_its_own_that_goes_with_it(worker, tmp_path):
    worker(f"open({str(tmp_path / 'folders')!r}, 'a').write(os.getcwd() + '\\n')\n")
    await asyncio.gather(run(), run())
    first, second = (tmp_path / "folders").read_text().split()
    assert first != second
    assert not os.path.exists(first)  # noqa: ASYNC240 -- at once


async def test_an_error_that_the_worker_reports_is_the_clients(worker):
    worker("json.dump({'error': 'CommError: no'}, open(sys.argv[2], 'w'))\nsys.exit(1)\n")
    result = await run()
    assert (result.exit_code, result.error) == (1, "CommError: no")


async def test_a_worker_that_breaks_without_a_word_is_quoted(worker):
    worker("print('\\x1b[31mfirst\\x1b[0m')\nprint('last words', file=sys.stderr)\nos._exit(7)\n")
    result = await run()
    assert result.exit_code == 7
    assert "code 7" in result.error
    assert "last words" in result.error
    assert "\x1b" not in result.error


async def test_a_stopped_worker_is_killed_and_keeps_what_it_reported(worker, tmp_path):
    pid_file = tmp_path / "pid"
    worker(
        "json.dump({'rows': 2, 'phase': 'log'}, open(sys.argv[2], 'w'))\n"
        f"open({str(pid_file)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    stop, logged = asyncio.Event(), RowsLogged()
    assert logged() == 0
    running = asyncio.create_task(run(stop, logged))
    while not (pid_file.exists() and pid_file.read_text()):
        await asyncio.to_thread(lambda: None)
    assert logged() == 2
    stop.set()
    result = await running
    assert logged() == 2
    assert (result.rows, result.exit_code, result.error) == (2, None, "stopped during log")
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


async def test_a_worker_does_not_outlive_a_cancelled_scenario(worker, tmp_path):
    pid_file = tmp_path / "pid"
    worker(f"open({str(pid_file)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    running = asyncio.create_task(run())
    while not (pid_file.exists() and pid_file.read_text()):
        await asyncio.to_thread(lambda: None)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


async def test_the_order_reaches_the_worker_whole(worker):
    worker("json.dump({'error': open(sys.argv[1]).read()}, open(sys.argv[2], 'w'))\nsys.exit(1)\n")
    assert json.loads((await run()).error) == ORDER
