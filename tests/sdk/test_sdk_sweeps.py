"""Sweeps by the SDK itself: made, carried out by its agents and its command line, read back."""

import importlib.util
from typing import Any

import pytest

from tests.sdk.conftest import Sdk

pytestmark = pytest.mark.sdk

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("sweeps") is None, reason="the SDK needs the package `sweeps` for it"
)


def sweep_by_function(project: str) -> Any:
    import wandb

    config = {
        "method": "grid",
        "name": "nested grid",
        "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {
            "lr": {"values": [0.2, 0.1]},
            "opt": {"parameters": {"name": {"value": "sgd"}}},
        },
        "metod": "a slip",
    }
    sweep_id = wandb.sweep(config, project=project)
    seen = []

    def train() -> None:
        with wandb.init() as run:
            seen.append([run.sweep_id == sweep_id, run.config["lr"], run.config["opt"]["name"]])
            run.log({"loss": run.config["lr"]})

    wandb.agent(sweep_id, function=train, project=project)
    api = wandb.Api()
    sweep = api.sweep(f"{project}/{sweep_id}")
    (agent,) = sweep.agents()
    again = sweep.agent(agent._attrs["name"])
    listed = api.project(project).sweeps()
    filtered = api.runs(project, filters={"sweep": sweep_id})
    return {
        "seen": seen,
        "state": sweep.state,
        "name": sweep.name,
        "expected": sweep.expected_run_count,
        "best loss": sweep._attrs["bestLoss"],
        "best run": sweep.best_run().config["lr"],
        "runs": sorted(run.config["lr"] for run in sweep.runs),
        "of the agent": [run.state for run in agent.runs()],
        "agent": [again.state, again.totalRuns],
        "listed": [found.id == sweep_id for found in listed],
        "filtered": len(filtered),
    }


def test_given_a_grid_then_an_agent_with_a_function_carries_it_out(sdk: Sdk, project: str) -> None:
    got = sdk.run(sweep_by_function, project=project, expected="WARNING")
    assert got == {
        "seen": [[True, 0.2, "sgd"], [True, 0.1, "sgd"]],
        "state": "FINISHED",
        "name": "nested grid",
        "expected": 2,
        "best loss": 0.1,
        "best run": 0.1,
        "runs": [0.1, 0.2],
        "of the agent": ["finished", "finished"],
        "agent": ["FINISHED", 2],
        "listed": [True],
        "filtered": 2,
    }


def sweep_by_command_line(project: str) -> Any:
    import os
    import pathlib
    import re
    import subprocess
    import sys

    import wandb

    pathlib.Path("train.py").write_text(
        "import sys, wandb\n"
        "with wandb.init() as run:\n"
        "    run.log({'loss': run.config['lr']})\n"
        "print('given', *sys.argv[1:])\n"
    )
    pathlib.Path("sweep.yaml").write_text(
        "program: train.py\n"
        "method: grid\n"
        "parameters:\n"
        "  lr: {values: [1, 2]}\n"
        "command: ['${env}', '${interpreter}', '${program}', '${args}']\n"
    )
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, "-m", "wandb"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}

    def cli(*arguments: str) -> str:
        done = subprocess.run([*command, *arguments], check=True, **options)  # type: ignore[call-overload]
        return str(done.stdout)

    made = cli("sweep", "--project", project, "--name", "by hand", "sweep.yaml")
    path = re.search(r"wandb agent (\S+)", made)[1]
    agents = [subprocess.Popen([*command, "agent", path], **options) for _ in range(2)]  # type: ignore[call-overload]
    given = [line for agent in agents for line in agent.communicate()[0].splitlines()]
    sweep = wandb.Api().sweep(path)
    return {
        "given": sorted(line for line in given if line.startswith("given")),
        "name": sweep.name,
        "state": sweep.state,
        "runs": sorted([run.config["lr"], run.state] for run in sweep.runs),
        "agents": sum(agent.totalRuns for agent in sweep.agents()),
    }


def test_given_two_agents_at_once_then_the_command_line_gives_no_run_twice(
    sdk: Sdk, project: str
) -> None:
    assert sdk.run(sweep_by_command_line, project=project) == {
        "given": ["given --lr=1", "given --lr=2"],
        "name": "by hand",
        "state": "FINISHED",
        "runs": [[1, "finished"], [2, "finished"]],
        "agents": 2,
    }


def change_states(project: str) -> Any:
    import wandb
    from click.testing import CliRunner
    from wandb.cli.cli import cli

    config = {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}}
    sweep_id = wandb.sweep(config, project=project)
    path = f"{wandb.Api().default_entity}/{project}/{sweep_id}"
    told = []
    for option in ("pause", "resume", "pause", "stop", "cancel", "resume", "cancel"):
        done = CliRunner().invoke(cli, ["sweep", f"--{option}", path])
        told.append([option, done.exit_code == 0, wandb.Api().sweep(path).state])
    return told


def test_given_the_command_line_then_states_change_as_far_as_they_may(
    sdk: Sdk, project: str
) -> None:
    assert sdk.run(change_states, project=project) == [
        ["pause", False, "PENDING"],
        ["resume", True, "RUNNING"],
        ["pause", True, "PAUSED"],
        ["stop", True, "FINISHED"],
        ["cancel", False, "FINISHED"],
        ["resume", True, "RUNNING"],
        ["cancel", True, "CANCELED"],
    ]


def cancel_a_live_run(project: str) -> Any:
    import os
    import pathlib
    import subprocess
    import sys
    import time

    import wandb
    from wandb.apis.public.sweeps import _set_sweep_state

    pathlib.Path("hang.py").write_text(
        "import time, wandb\nrun = wandb.init()\nrun.log({'x': 1})\ntime.sleep(60)\n"
    )
    config = {
        "program": "hang.py",
        "method": "random",
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    sweep_id = wandb.sweep(config, project=project)
    path = f"{wandb.Api().default_entity}/{project}/{sweep_id}"
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    agent = subprocess.Popen([sys.executable, "-m", "wandb", "agent", path])

    def states() -> list[str]:
        return [run.state for run in wandb.Api().sweep(path).runs]

    while states() != ["running"]:
        time.sleep(0.5)  # noqa: TID251 -- a process of its own
    _set_sweep_state(wandb.Api(), sweep_id, "CANCELED", project=project)
    return [agent.wait(60), states()]


def test_given_a_cancellation_then_the_agent_kills_its_run_and_ends(sdk: Sdk, project: str) -> None:
    assert sdk.run(cancel_a_live_run, project=project, expected=".") == [0, ["killed"]]


def preempt(project: str) -> Any:
    import subprocess
    import sys

    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    sweep_id = wandb.sweep(
        {"method": "grid", "parameters": {"x": {"values": [1]}}}, project=project
    )
    api = wandb.Api()
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    (command,) = _agent_heartbeat(api, agent, {}, {})
    code = (
        "import os, wandb\n"
        f"run = wandb.init(project={project!r}, id={command['run_id']!r})\n"
        "run.mark_preempting()\n"
        "run.finish(exit_code=1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    state = wandb.Api().run(f"{project}/{command['run_id']}").state
    (again,) = _agent_heartbeat(api, agent, {}, {})
    return [state, again["type"], again["run_id"] == command["run_id"], again["args"]]


def test_given_a_preempted_run_then_an_agent_is_told_to_resume_it(sdk: Sdk, project: str) -> None:
    found = sdk.run(preempt, project=project, expected="environment variables")
    assert found == ["preempted", "resume", True, {"x": {"value": 1}}]


def stop_early(project: str) -> Any:
    import os
    import pathlib
    import subprocess
    import sys

    import wandb
    from click.testing import CliRunner
    from wandb.cli.cli import cli

    pathlib.Path("train.py").write_text(
        "import time, wandb\n"
        "run = wandb.init()\n"
        "good = run.config['quality'] != 'bad'\n"
        "for step in range(300):\n"
        "    run.log({'loss': 1 / (step + 1) if good else 10})\n"
        "    time.sleep(0 if good else 0.2)\n"
        "run.finish()\n"
    )
    text = (
        "method: grid\n"
        "program: train.py\n"
        "metric: {name: loss, goal: minimize}\n"
        "parameters: {quality: {values: [good, fine, fair, VALUE]}}\n"
        "early_terminate: {type: hyperband, min_iter: 2}\n"
        "command: ['${env}', '${interpreter}', '${program}']\n"
    )
    pathlib.Path("before.yaml").write_text(text.replace("VALUE", "last"))
    pathlib.Path("after.yaml").write_text(text.replace("VALUE", "bad"))
    made = CliRunner().invoke(cli, ["sweep", "--project", project, "before.yaml"])
    sweep_id = made.output.split("ID: ")[1].split()[0]
    path = f"{wandb.Api().default_entity}/{project}/{sweep_id}"
    updated = CliRunner().invoke(cli, ["sweep", "--update", path, "after.yaml"])
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run([sys.executable, "-m", "wandb", "agent", path], check=True)
    sweep = wandb.Api().sweep(path)
    runs = {run.config["quality"]: run for run in sweep.runs}
    return {
        "updated": updated.exit_code,
        "states": {quality: run.state for quality, run in runs.items()},
        "cut short": len(list(runs["bad"].scan_history())) < 300,
        "sweep": sweep.state,
    }


@pytest.mark.slow
def test_given_hyperband_then_the_agent_stops_the_run_that_falls_behind(
    sdk: Sdk, project: str
) -> None:
    found = sdk.run(stop_early, project=project, expected=".")
    assert found["updated"] == 0
    assert found["states"]["good"] == "finished"
    assert found["states"]["bad"] != "finished"
    assert (found["cut short"], found["sweep"]) == (True, "FINISHED")


def make_badly(project: str) -> Any:
    import wandb

    refused = []
    for config in (
        {"method": "magic", "parameters": {"x": {"value": 1}}},
        {"method": "grid", "parameters": {"x": {"min": 0.0, "max": 1.0}}},
    ):
        try:
            wandb.sweep(config, project=project)
        except wandb.Error as error:
            refused.append([type(error).__name__, str(error)])
    wandb.sweep({"method": "grid", "parameters": {"x": {"value": 1}}}, project=project)
    return [refused, len(wandb.Api().project(project).sweeps())]


def test_given_a_config_that_no_search_can_use_then_the_user_is_told(
    sdk: Sdk, project: str
) -> None:
    (first, second), made = sdk.run(make_badly, project=project, expected=".")
    assert first[0] == second[0] == "CommError"
    assert "'magic' is none of grid, random, bayes" in first[1]
    assert "parameter x: grid search needs" in second[1]
    assert made == 1


def enqueue(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    with wandb.init(project=project, id="before", config={"x": 1}) as run:
        run.log({"loss": 1})
    config = {"method": "grid", "parameters": {"x": {"values": [1, 2, 3]}}, "run_cap": 2}
    sweep_id = wandb.sweep(config, project=project, prior_runs=["before"])
    api = wandb.Api()
    sweep = api.sweep(f"{project}/{sweep_id}")
    name = sweep.enqueue_run({"x": {"value": 3}}, display_name="by hand")
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    told = [_agent_heartbeat(api, agent, {}, {}) for _ in range(3)]
    made = api.run(f"{project}/{name}")
    return {
        "first": told[0][0]["run_id"] == name,
        "points": [command[0].get("args") for command in told],
        "then": told[2],
        "run": [made.name, made.state, made.sweep_name],
        "sweep": sweep_id,
        "filtered": len(api.project(project).sweeps(filters={"state": "FINISHED"})),
    }


def test_given_an_enqueued_and_a_prior_run_then_the_search_knows_both(
    sdk: Sdk, project: str
) -> None:
    got = sdk.run(enqueue, project=project)
    sweep = got.pop("sweep")
    assert got == {
        "first": True,
        "points": [{"x": {"value": 3}}, {"x": {"value": 2}}, None],
        "then": [{"type": "exit"}],
        "run": ["by hand", "pending", sweep],
        "filtered": 1,
    }


def lose_the_sweep(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent
    from wandb.sdk.sweeps import SweepNotFoundError

    api = wandb.Api()
    sweep_id = wandb.sweep({"method": "grid", "parameters": {"x": {"value": 1}}}, project=project)
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    mutation = "mutation D($id: ID!) { deleteSweep(input: {id: $id}) { success } }"
    sweep = api.sweep(f"{project}/{sweep_id}")
    api._service_api.execute_graphql(mutation, variables={"id": sweep._attrs["id"]})
    try:
        _agent_heartbeat(api, agent, {}, {})
    except SweepNotFoundError:
        heard = "not found"
    try:
        wandb.Api().sweep(f"{project}/{sweep_id}")
    except (wandb.Error, ValueError) as error:
        return [heard, str(error)]


def test_given_a_deleted_sweep_then_its_agent_hears_of_it(sdk: Sdk, project: str) -> None:
    heard, error = sdk.run(lose_the_sweep, project=project, expected=".")
    assert heard == "not found"
    assert "Could not find sweep" in error


def steer(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    api = wandb.Api()
    config = {
        "method": "grid",
        "controller": {"type": "local"},
        "parameters": {"x": {"values": [1, 2]}},
    }
    sweep_id = wandb.sweep(config, project=project)
    controller = wandb.controller(sweep_id)
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    points, live = [], {}
    while not controller.done():
        controller.step()
        for command in _agent_heartbeat(api, agent, {}, live):
            if command["type"] == "run":
                points.append(command["args"]["x"]["value"])
                config = {"x": points[-1]}
                with wandb.init(project=project, id=command["run_id"], config=config) as run:
                    run.log({"loss": 1})
    return [points, api.sweep(f"{project}/{sweep_id}").state]


@needs_package
def test_given_a_local_controller_then_it_chooses_the_runs(sdk: Sdk, project: str) -> None:
    assert sdk.run(steer, project=project, expected=".") == [[1, 2], "FINISHED"]


def schedule(project: str) -> Any:
    import os
    import pathlib
    import subprocess
    import sys

    import wandb
    from wandb.sdk.sweeps.scheduler.client import run_scheduler
    from wandb.sdk.sweeps.scheduler.wandb import WandbOptimizer

    pathlib.Path("train.py").write_text(
        "import wandb\nwith wandb.init() as run:\n    run.log({'loss': run.config['x']})\n"
    )
    config = {
        "program": "train.py",
        "method": "grid",
        "scheduler": {"engine": "wandb"},
        "metric": {"name": "loss", "goal": "minimize"},
        "parameters": {"x": {"values": [1, 2]}},
    }
    sweep_id = wandb.sweep(config, project=project)
    entity = wandb.Api().default_entity
    os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    path = f"{entity}/{project}/{sweep_id}"
    agent = subprocess.Popen([sys.executable, "-m", "wandb", "agent", path])
    done = run_scheduler(
        entity=entity,
        project=project,
        sweep_id=sweep_id,
        make_optimizer=WandbOptimizer,
        batch_size=1,
        poll_interval=0.5,
    )
    agent.wait(60)
    sweep = wandb.Api().sweep(path)
    points = sorted([run.config["x"], run.state] for run in sweep.runs)
    return [points, done.reason, sweep.state]


@needs_package
def test_given_the_scheduler_of_the_sdk_then_its_runs_reach_agents(sdk: Sdk, project: str) -> None:
    points, reason, state = sdk.run(schedule, project=project, expected=".")
    assert (points, state) == ([[1, "finished"], [2, "finished"]], "FINISHED")
    assert reason == 3, "REASON_SWEEP_FINISHED"


def search_by_bayes(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    config = {
        "method": "bayes",
        "metric": {"name": "loss"},
        "parameters": {"x": {"min": 0.0, "max": 1.0}},
    }
    sweep_id = wandb.sweep(config, project=project)
    api = wandb.Api()
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    points = []
    for _ in range(3):
        (command,) = _agent_heartbeat(api, agent, {}, {})
        points.append(command["args"]["x"]["value"])
        config = {"x": points[-1]}
        with wandb.init(project=project, id=command["run_id"], config=config) as run:
            run.log({"loss": points[-1]})
    return points


@needs_package
def test_given_bayes_then_the_search_goes_on_from_what_runs_found(sdk: Sdk, project: str) -> None:
    points = sdk.run(search_by_bayes, project=project, expected="environment variables")
    assert len(set(points)) == 3
    assert all(0 <= point <= 1 for point in points)
