"""Kinds `public_api` and `sweep` ask what scripts with the installed `wandb.Api` ask."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from graphql import OperationDefinitionNode, parse, print_ast

from mockwb.clock import RealClock
from mockwb.scenario.kinds.public_api import PublicApiWorkload
from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS, SdkSettings
from mockwb.units import Duration
from tests.scenario.kinds.test_sweep import FastClock
from tests.sdk.conftest import KEY, Sdk, serving

pytestmark = pytest.mark.sdk

PROJECT = ProjectPath("team", "p")


def read_all(project: str) -> Any:
    import wandb

    runs = wandb.Api().runs(project, per_page=1)
    assert len(list(runs)) == 2
    first = runs[0]
    assert len(first.history(samples=7, pandas=False)) == 7
    assert len(list(first.scan_history(page_size=10))) == 25


def sweep(entity: str, project: str) -> Any:
    """What `wandb sweep` and `wandb agent` call, without the agent's waits."""
    import wandb
    from wandb.apis.public import sweeps

    parameters = {"lr": {"min": 1, "max": 9}, "depth": {"values": [3]}}
    config = {"method": "random", "parameters": parameters, "run_cap": 1}
    name = wandb.sweep(config, entity=entity, project=project)
    api = wandb.Api()
    assert sweeps._sweep_with_runs(api, name, "{}")
    agent = sweeps._register_agent(api, "box", sweep_id=name)["id"]
    assert sweeps._agent_heartbeat(api, agent, {}, {})


def graphql(sdk: Sdk) -> list[dict[str, Any]]:
    """What has been asked since the last call."""
    entries = sdk.ask("journal?endpoint=graphql")["entries"]
    sdk.ask("journal", method="DELETE")
    return entries


def said(entry: dict[str, Any]) -> tuple[Any, ...]:
    """What matters of a request: not the layout of the document, nor how its length is told."""
    body = json.loads(entry["request"]["body"])
    headers = {name.lower(): text for name, text in entry["request"]["headers"]}
    del headers["content-length"]
    operation, *fragments = parse(body["query"]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    declared = sorted(map(print_ast, operation.variable_definitions or ()))
    document = [print_ast(node) for node in (operation.selection_set, *fragments)]
    variables = body.get("variables") or {}
    return entry["operation"], variables, body["operationName"], headers, declared, document


def test_the_same_operations_with_the_same_variables_and_headers(tmp_path: Path) -> None:
    with serving(journal={"bodies": True}) as server:
        around = Surroundings(server.url, KEY, RealClock(), "abc")
        fleet = VirtualWorkload(
            name="fleet", project=PROJECT, count=2, rows=25, every=Duration(0), settings=FILELESS
        )
        asyncio.run(fleet.run(around))
        sdk = Sdk(server.url, tmp_path)
        graphql(sdk)
        sdk.run(read_all, project=str(PROJECT))
        real = {entry[0]: entry for entry in map(said, graphql(sdk))}
        for read, pages, per_page in (("runs", 2, 1), ("history", 1, 7), ("scan_history", 3, 10)):
            load = PublicApiWorkload(
                name="r",
                project=PROJECT,
                read=read,
                pages=pages,
                per_page=per_page,
                every=Duration(0),
            )
            [client] = asyncio.run(load.run(around))
            assert client.error is None
        virtual = {entry[0]: entry for entry in map(said, graphql(sdk))}
    assert set(real) == set(virtual)
    for operation, entry in real.items():
        if operation != "Runs":  # the cursor names the run, the page size another reader
            assert virtual[operation] == entry
        else:
            assert virtual[operation][2:] == entry[2:]


def test_a_sweep_and_its_agent_too(tmp_path: Path) -> None:
    with serving(journal={"bodies": True}) as server:
        sdk = Sdk(server.url, tmp_path)
        sdk.run(sweep, entity=PROJECT.entity, project=PROJECT.project)
        real = {entry[0]: entry for entry in map(said, graphql(sdk))}
        load = SweepWorkload(
            name="s",
            project=PROJECT,
            rows=1,
            settings=SdkSettings(x_disable_stats=True),
            runs=1,
            sweep={
                "method": "random",
                "parameters": {"lr": {"min": 1, "max": 9}, "depth": {"values": [3]}},
            },
        )
        asyncio.run(load.run(Surroundings(server.url, KEY, FastClock(), "abc")))
        entries = [entry for entry in graphql(sdk) if entry.get("run") is None]
        virtual = {entry[0]: entry for entry in map(said, entries)}
    assert set(virtual) == {"Viewer", "UpsertSweep", "SweepWithRuns", "CreateAgent", "Heartbeat"}
    for operation, entry in virtual.items():
        assert entry[2:] == real[operation][2:]
        assert entry[1].keys() == real[operation][1].keys()
    config = virtual["UpsertSweep"][1]["config"]
    assert yaml.safe_load(config) == yaml.safe_load(real["UpsertSweep"][1]["config"])
