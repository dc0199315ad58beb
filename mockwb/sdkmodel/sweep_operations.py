"""The GraphQL operations of `wandb.sweep` and of `wandb agent`.

Names, variables and selections are the SDK's (0.31, wandb/apis/public/sweeps.py); only the layout
of the documents is our own.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from mockwb.sdkmodel.public_operations import ProjectName, PublicOperations
from mockwb.sdkmodel.requests import Request

_UPSERT_SWEEP = """
mutation UpsertSweep($id: ID, $config: String, $description: String, $entityName: String, \
$projectName: String, $controller: JSONString, $launchScheduler: JSONString, \
$templateVariableValues: JSONString, $scheduler: JSONString, $state: String, \
$priorRunsFilters: JSONString, $displayName: String) {
  upsertSweep(input: {
    id: $id, config: $config, description: $description, entityName: $entityName,
    projectName: $projectName, controller: $controller, launchScheduler: $launchScheduler,
    templateVariableValues: $templateVariableValues, scheduler: $scheduler, state: $state,
    priorRunsFilters: $priorRunsFilters, displayName: $displayName
  }) {
    sweep {name project {id name entity {id name}}}
    configValidationWarnings
  }
}
"""
_SWEEP_WITH_RUNS = """
query SweepWithRuns($entity: String, $project: String, $sweep: String!, $specs: [JSONString!]!) {
  project(name: $project, entityName: $entity) {
    sweep(sweepName: $sweep) {
      id name method state description config createdAt heartbeatAt updatedAt earlyStopJobRunning
      bestLoss controller scheduler
      runs {edges {node {
        name state config exitcode heartbeatAt shouldStop failed stopped running summaryMetrics
        sampledHistory(specs: $specs)
      }}}
    }
  }
}
"""
_CREATE_AGENT = """
mutation CreateAgent($host: String!, $projectName: String, $entityName: String, $sweep: String!) {
  createAgent(input: {
    host: $host, projectName: $projectName, entityName: $entityName, sweep: $sweep
  }) {agent {id}}
}
"""
_HEARTBEAT = """
mutation Heartbeat($id: ID!, $metrics: JSONString, $runState: JSONString) {
  agentHeartbeat(input: {id: $id, metrics: $metrics, runState: $runState}) {agent {id} commands}
}
"""


class SweepOperations(PublicOperations):
    """Builds the requests of whoever makes a sweep, or works at one."""

    __slots__ = ("_names",)

    def __init__(self, where: ProjectName, api_key: str) -> None:
        super().__init__(where, api_key)
        self._names = {"entityName": where.entity, "projectName": where.project}

    def upsert_sweep(self, config: Mapping[str, Any]) -> Request:
        """Make a sweep."""
        empty = ("controller", "description", "displayName", "id", "launchScheduler")
        variables = {
            **dict.fromkeys((*empty, "priorRunsFilters", "scheduler")),
            **self._names,
            "config": yaml.safe_dump(filled(config)),
            "templateVariableValues": "null",
        }
        return self._request("UpsertSweep", _UPSERT_SWEEP, variables, named=False)

    def sweep_with_runs(self, sweep: str) -> Request:
        """Read a sweep's config before joining it."""
        variables = {**self._where, "specs": "{}", "sweep": sweep}
        return self._request("SweepWithRuns", _SWEEP_WITH_RUNS, variables, named=False)

    def create_agent(self, sweep: str, host: str) -> Request:
        """Join a sweep."""
        variables = {**self._names, "host": host, "sweep": sweep}
        return self._request("CreateAgent", _CREATE_AGENT, variables, named=False)

    def heartbeat(self, agent: str, live: Collection[str]) -> Request:
        """Say which runs are under way, and ask for commands."""
        state = json.dumps(dict.fromkeys(live, True))
        variables = {"id": agent, "metrics": "{}", "runState": state}
        return self._request("Heartbeat", _HEARTBEAT, variables, named=False)


def filled(config: Mapping[str, Any]) -> dict[str, Any]:
    """A sweep's config as the SDK sends it: ranges say how they are distributed.

    ValueError for a range from a whole number to one that is not, or the other way round.
    """
    parameters = {
        name: _distributed(name, parameter)
        for name, parameter in (config.get("parameters") or {}).items()
    }
    return {**config, "parameters": parameters}


def _distributed(name: str, parameter: Any) -> Any:
    if not isinstance(parameter, Mapping) or "distribution" in parameter:
        return parameter
    ends = [parameter.get("min"), parameter.get("max")]
    if None in ends:
        return parameter
    whole = {isinstance(end, int) for end in ends}
    if len(whole) > 1:
        raise ValueError(f"{name}: min and max must both be whole numbers or both be decimal ones")
    return {**parameter, "distribution": "int_uniform" if True in whole else "uniform"}
