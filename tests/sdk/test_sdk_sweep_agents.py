"""What sweeps tell agents of the SDK, whatever their state and search, and what they tell users."""

from typing import Any

import pytest

from tests.sdk.conftest import Sdk

pytestmark = pytest.mark.sdk


def pause_and_stop(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent, _set_sweep_state

    api = wandb.Api()
    config = {"method": "random", "parameters": {"x": {"min": 0.0, "max": 1.0}}}
    sweep_id = wandb.sweep(config, project=project)
    agents = [_register_agent(api, host, sweep_id=sweep_id, project=project) for host in "ab"]
    busy, idle = [agent["id"] for agent in agents]
    (first,) = _agent_heartbeat(api, busy, {}, {})
    live = {first["run_id"]: True}

    def change(state: str) -> None:
        _set_sweep_state(api, sweep_id, state, project=project)

    change("PAUSED")
    told = {"paused": [_agent_heartbeat(api, busy, {}, live), _agent_heartbeat(api, idle, {}, {})]}
    change("RUNNING")
    (second,) = _agent_heartbeat(api, idle, {}, {})
    told["again"] = [second["type"], second["run_id"] != first["run_id"]]
    change("FINISHED")
    told["finished"] = [_agent_heartbeat(api, busy, {}, live), _agent_heartbeat(api, idle, {}, {})]
    told["runs"] = sorted(run.state for run in api.sweep(f"{project}/{sweep_id}").runs)
    return told


def test_given_a_paused_sweep_then_agents_wait_and_given_a_finished_one_idle_agents_leave(
    sdk: Sdk, project: str
) -> None:
    assert sdk.run(pause_and_stop, project=project) == {
        "paused": [[], []],
        "again": ["run", True],
        "finished": [[], [{"type": "exit"}]],
        "runs": ["pending", "pending"],
    }


def share_a_grid(project: str) -> Any:
    import threading

    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    api = wandb.Api()
    config = {"method": "grid", "parameters": {"x": {"values": list(range(40))}}}
    sweep_id = wandb.sweep(config, project=project)
    given = []

    def work(host: str) -> None:
        agent = _register_agent(api, host, sweep_id=sweep_id, project=project)["id"]
        while True:
            (command,) = _agent_heartbeat(api, agent, {}, {})
            if command["type"] == "exit":
                return
            given.append([command["args"]["x"]["value"], command["run_id"]])

    threads = [threading.Thread(target=work, args=(f"box-{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    points, runs = zip(*given, strict=True)
    return [sorted(points), len(set(runs)), len(api.sweep(f"{project}/{sweep_id}").agents())]


def test_given_eight_agents_at_once_then_each_point_of_the_grid_is_given_once(
    sdk: Sdk, project: str
) -> None:
    assert sdk.run(share_a_grid, project=project) == [list(range(40)), 40, 8]


def make_oddly(project: str) -> Any:
    import wandb

    odd = {"parameters": {"x": {"min": 0.0, "max": 1.0}}, "early_terminate": {"type": "magic"}}
    wandb.sweep({"method": "random", **odd}, project=project)
    refused = []
    for config in (
        {"method": "bayes", "parameters": {"x": {"min": 0.0, "max": 1.0}}},
        {"method": "random"},
        {"parameters": {"x": {"value": 1}}},
    ):
        try:
            wandb.sweep(config, project=project)
        except wandb.Error as error:
            refused.append([type(error).__name__, str(error)])
    return [refused, len(wandb.Api().project(project).sweeps())]


def test_given_an_odd_config_then_a_warning_is_printed_and_given_a_useless_one_a_refusal(
    sdk: Sdk, project: str
) -> None:
    with sdk.start(make_oddly, project=project) as process:
        refused, made = process.result(expected=".")
        lines = process.output.splitlines()
    (violation,) = [line for line in lines if "early_terminate" in line]
    assert "WARNING" in violation
    assert "type must be 'hyperband'; no run will be stopped early" in violation
    assert sum("Malformed sweep config detected!" in line for line in lines) == 1
    assert made == 1
    assert [kind for kind, _ in refused] == ["CommError"] * 3
    assert "method bayes needs metric with a name" in refused[0][1]
    assert "parameters must be a mapping with one entry or more" in refused[1][1]
    assert "method is missing" in refused[2][1]


def draw(project: str) -> Any:
    import wandb
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent

    api = wandb.Api()
    steps = {"distribution": "q_log_uniform_values", "min": 1, "max": 100, "q": 5}
    config = {
        "method": "random",
        "parameters": {
            "near": {"distribution": "normal", "mu": 1000, "sigma": 1},
            "steps": steps,
            "rare": {"values": ["never", "often"], "probabilities": [0, 1]},
            "whole": {"min": 1, "max": 3},
        },
    }
    sweep_id = wandb.sweep(config, project=project)
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    commands = [_agent_heartbeat(api, agent, {}, {})[0] for _ in range(30)]
    names = config["parameters"]
    return {name: [command["args"][name]["value"] for command in commands] for name in names}


def test_given_random_search_then_values_are_what_their_distributions_allow(
    sdk: Sdk, project: str
) -> None:
    drawn = sdk.run(draw, project=project)
    assert all(980 < value < 1020 for value in drawn["near"])
    assert len(set(drawn["near"])) == 30
    assert all(0 <= value <= 100 and value % 5 == 0 for value in drawn["steps"])
    assert len(set(drawn["steps"])) > 3
    assert set(drawn["rare"]) == {"often"}
    assert set(drawn["whole"]) == {1, 2, 3}


def list_and_miss(project: str) -> Any:
    import wandb
    from click.testing import CliRunner
    from wandb.apis.public.sweeps import _register_agent
    from wandb.cli.cli import cli

    config = {"method": "grid", "parameters": {"x": {"values": [1, 2]}}}
    made = [wandb.sweep(config, project=project) for _ in range(3)]
    api = wandb.Api()
    sweeps = api.project(project).sweeps(per_page=1)
    found = {
        "listed": sorted(sweep.id for sweep in sweeps) == sorted(made),
        "count": len(sweeps),
    }
    try:
        _register_agent(api, "box", sweep_id="missing", project=project)
    except wandb.Error as error:
        found["unknown"] = [type(error).__name__, str(error)]
    agent = CliRunner().invoke(cli, ["agent", f"{api.default_entity}/{project}/missing"])
    found["agent"] = [agent.exit_code != 0, agent.output + str(agent.exception)]
    return found


def test_given_pages_of_one_then_all_sweeps_are_listed_and_unknown_ones_have_no_agents(
    sdk: Sdk, project: str
) -> None:
    found = sdk.run(list_and_miss, project=project, expected=".")
    assert (found["listed"], found["count"]) == (True, 3)
    assert found["unknown"][0] == "CommError"
    assert "missing" in found["unknown"][1]
    assert found["agent"][0], found["agent"]


def sweep_after_runs(project: str) -> Any:
    import pathlib

    import wandb
    from click.testing import CliRunner
    from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent
    from wandb.cli.cli import cli

    for x in (1, 2):
        with wandb.init(project=project, id=f"before-{x}", config={"x": x}) as run:
            run.log({"loss": 10 - x})
    pathlib.Path("sweep.yaml").write_text(
        "program: train.py\n"
        "method: grid\n"
        "metric: {name: loss, goal: minimize}\n"
        "parameters: {x: {values: [1, 2, 3]}}\n"
    )
    prior = [word for x in (1, 2) for word in ("--prior_run", f"before-{x}")]
    done = CliRunner().invoke(cli, ["sweep", "--project", project, *prior, "sweep.yaml"])
    sweep_id = done.output.split("ID: ")[1].split()[0]
    api = wandb.Api()
    agent = _register_agent(api, "box", sweep_id=sweep_id, project=project)["id"]
    told = [_agent_heartbeat(api, agent, {}, {})[0] for _ in range(2)]
    sweep = api.sweep(f"{project}/{sweep_id}")
    return {
        "told": [[command["type"], command.get("args")] for command in told],
        "own": [run.id for run in sweep.runs] == [told[0]["run_id"]],
    }


def test_given_prior_runs_on_the_command_line_then_their_points_are_not_tried_again(
    sdk: Sdk, project: str
) -> None:
    assert sdk.run(sweep_after_runs, project=project) == {
        "told": [["run", {"x": {"value": 3}}], ["exit", None]],
        "own": True,
    }
