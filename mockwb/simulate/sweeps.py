"""Sweeps in a simulation: agents, whose runs are clients of the engine like any other.

`play` makes the agents here, and `server` answers them. What a run's config says does not matter to
a simulation, so every parameter has the same value in all runs. Agents do not wait until their
sweep is made.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from mockwb.scenario.kinds.sweep import SweepWorkload
from mockwb.scenario.modelled import SweepRun
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.requests import GraphQLCall, Request
from mockwb.sdkmodel.run import VirtualRun
from mockwb.simulate.client import SimulatedClient
from mockwb.simulate.served_api import ServedApi, answer_body
from mockwb.simulate.served_run import ServedRun
from mockwb.target import Caller, Surface, Target

Begin = Callable[[SimulatedClient], None]
"""Lets the engine live one more client, from now on."""


class ServedSweep(ServedApi):
    """One sweep, as the server has it, for all its agents."""

    __slots__ = ("_args", "_given", "_prefix", "_wanted", "path")

    def __init__(
        self, path: ProjectName, caller: Caller, load: SweepWorkload, around: Surroundings
    ) -> None:
        """The sweep of `load` at `path`. StartError if it is not known how many runs it has."""
        self._wanted = load.runs_wanted
        if not self._wanted:
            raise load.start_error(
                "a simulation has to know how many runs there are: expected runs: NUMBER"
            )
        super().__init__(caller)
        self.path = path
        self._given = 0
        self._prefix = f"{around.run_prefix}-{load.name}"
        self._args = {name: {"value": 1} for name in load.sweep["parameters"]}

    def target(self, call: GraphQLCall) -> Target:
        """The project, which the server knows by the sweep or the agent."""
        target = Target(Surface.GRAPHQL, operation=call.operation)
        if call.variables is not None:
            target.entity, target.project = self.path
        return target

    def answer(self, call: GraphQLCall) -> tuple[bytes, int]:
        """The body, and how many items it lists."""
        match call.operation:
            case "UpsertSweep":
                return answer_body({"upsertSweep": {"sweep": {"name": "sweep"}}}), 0
            case "SweepWithRuns":
                return answer_body({"project": {"sweep": {"config": ""}}}), self._given
            case "CreateAgent":
                return answer_body({"createAgent": {"agent": {"id": "agent"}}}), 0
            case "Heartbeat":
                assert call.variables is not None
                live = json.loads(call.variables["runState"])
                commands = json.dumps([] if live else [self._next()])
                return answer_body({"agentHeartbeat": {"agent": {}, "commands": commands}}), 0
        return answer_body({}), 0

    def _next(self) -> dict[str, Any]:
        """What an agent without a run is told to do."""
        if self._given == self._wanted:
            return {"type": "exit"}
        self._given += 1
        name = f"{self._prefix}-{self._given - 1}"
        return {"type": "run", "run_id": name, "program": "train.py", "args": self._args}


class Sweeps:
    """Makes the agents of a simulation, and the runs that these start."""

    def __init__(self, around: Surroundings, caller: Caller, runs: list[ServedRun]) -> None:
        """`runs` are those that the server has, and gets more."""
        self._around = around
        self._caller = caller
        self._runs = runs
        self._sweeps: dict[tuple[str, ProjectName], ServedSweep] = {}
        self._numbers: dict[str, int] = {}
        """Workload -> runs started so far."""
        self.begin: Begin = _too_early

    def clients(self, load: SweepWorkload) -> list[SimulatedClient]:
        """Who makes the sweeps of a workload, and the agents that work at them."""
        clients = []
        for path in load.project_paths:
            where = ProjectName(*path.parts)
            served = ServedSweep(where, self._caller, load, self._around)
            self._sweeps[load.name, where] = served
            maker = PublicClient(load.name, where, load.maker(self._around, path))
            clients.append(SimulatedClient(maker, served, 0.0))
        return clients + [self._agent(load, index) for index in range(load.count)]

    def _agent(self, load: SweepWorkload, index: int) -> SimulatedClient:
        path = ProjectName(*load.project_of(index).parts)

        def make(name: str, config: Mapping[str, Any]) -> _AgentsRun:
            number = self._numbers.get(load.name, 0)
            self._numbers[load.name] = number + 1
            run = SweepRun("sweep", name, number, config)
            client = load.agents_run(self._around, index, run)
            served = ServedRun(path.entity, path.project, name, self._caller)
            served.exists = True  # the server made it, pending, when it told the agent of it
            self._runs.append(served)
            return _AgentsRun(SimulatedClient(client, served, 0.0), self.begin)

        client = load.agent(self._around, index, "sweep", make)
        start = load.start_delay(index, self._around.seed)
        return SimulatedClient(client, self._sweeps[load.name, path], start)


class _AgentsRun:
    """What an agent knows of a run: the engine sees to the rest."""

    def __init__(self, client: SimulatedClient, begin: Begin) -> None:
        self._client = client
        self._begin = begin
        self._left = False

    @property
    def exit_code(self) -> int | None:
        run = self._client.run
        return run.exit_code if isinstance(run, VirtualRun) else None

    def start(self, now: float, wall: float) -> None:
        self._begin(self._client)

    def stop(self) -> None:
        """The engine stops it as well; its agent need not wait for it."""
        self._left = True

    def kill(self) -> None:
        self._left = True

    def over(self, now: float) -> bool:
        return self._left or self._client.done_at is not None

    def due(self, now: float) -> list[Request]:
        return []

    def wake_at(self) -> float:
        return float("inf")

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        raise NotImplementedError("its answers come to it without its agent")

    def failed(self, now: float, request: Request, error: str) -> None:
        raise NotImplementedError("its answers come to it without its agent")


def _too_early(client: SimulatedClient) -> None:
    raise RuntimeError("no engine lives this yet")
