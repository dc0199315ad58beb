"""Workload kind `sweep`: modelled agents that carry out one sweep, over real HTTP."""

import math
from collections.abc import Mapping
from random import Random
from typing import Annotated, Any, ClassVar

import msgspec

from mockwb.scenario.agent_client import AgentClient
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.modelled import SweepRun, modelled
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.wire import drive
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.sweep_agent import MakeRun, SweepAgent
from mockwb.sdkmodel.sweep_maker import SweepMaker
from mockwb.sdkmodel.sweep_operations import filled

_METHODS = ("grid", "random", "bayes")
_CAP = "run_cap"


class SweepWorkload(LoggingWorkload, frozen=True, kw_only=True, tag="sweep"):
    """N agents that take runs from a sweep until it has none left; each run is a client."""

    marks_runs: ClassVar[bool] = True

    sweep: dict[str, Any]
    """The sweep's configuration, as for `wandb sweep`: method, parameters, ..."""
    runs: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Most runs, the sweep's `run_cap`; without it a grid is carried out whole."""
    settings: SdkSettings = SdkSettings()
    """Of the SDK in the runs, by the same names; those that the model knows."""

    def __post_init__(self) -> None:
        """ValueError for a sweep that could not be made, or would never end."""
        super().__post_init__()
        method = self.sweep.get("method")
        if method not in _METHODS:
            raise ValueError(f"sweep.method: expected {', '.join(_METHODS)}, got {method!r}")
        parameters = self.sweep.get("parameters")
        if not isinstance(parameters, dict) or not parameters:
            raise ValueError(f"sweep.parameters: expected a mapping, got {parameters!r}")
        if self.runs is not None and _CAP in self.sweep:
            raise ValueError("runs and sweep.run_cap are the same; expected one of them")
        if method != "grid" and _CAP not in self.config:
            raise ValueError(f"method {method} finds runs for ever; expected runs: NUMBER")
        if self.settings.x_disable_machine_info:
            raise ValueError("settings.x_disable_machine_info hides what marks the runs")
        filled(self.sweep)

    @property
    def config(self) -> dict[str, Any]:
        """The sweep's, with its cap."""
        return self.sweep if self.runs is None else {**self.sweep, _CAP: self.runs}

    @property
    def transmit_interval(self) -> float:
        """As the SDK understands the setting."""
        return self.settings.transmit_interval

    @property
    def runs_wanted(self) -> int:
        """Of each sweep; 0 if that is not known beforehand."""
        known = [_points(self.sweep) if self.sweep["method"] == "grid" else 0]
        known.append(int(self.config.get(_CAP, 0)))
        return min(filter(None, known), default=0)

    @property
    def rows_expected(self) -> int:
        """Of all runs of every sweep, as far as it is known how many there are."""
        return self.rows * self.runs_wanted * len(self.project_paths)

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Make a sweep for each project, and let all agents work at theirs.

        One result per run, and one per agent that gave up. StartError if the server refuses the
        sweep's configuration.
        """
        sweeps = await self._make_sweeps(around)
        runs: list[_Run] = []
        agents = [self._working(around, index, sweeps, runs) for index in range(self.count)]
        clock = around.clock
        around.rows_logged[self.name] = lambda: sum(run.rows(clock.now()) for run in runs)
        started = [
            (agent, self.start_delay(index, around.seed)) for index, agent in enumerate(agents)
        ]
        of_agents = await drive(started, around, apart=True)
        now = clock.now()
        return [
            *(run.result(now) for run in runs),
            *(result for result in of_agents if result.error is not None),
        ]

    def agent(
        self,
        around: Surroundings,
        index: int,
        sweep: str,
        make_run: MakeRun,
        no_sweep: str | None = None,
    ) -> AgentClient:
        """Agent number `index` (0-based), not started yet; see `AgentClient`."""
        path = ProjectName(*self.project_of(index).parts)
        agent = SweepAgent(
            path,
            sweep,
            host=self.run_id(around, index),
            api_key=around.api_key,
            random=Random(f"{around.seed}/{self.name}/{index}"),
            make_run=make_run,
        )
        return AgentClient(self.name, path, agent, no_sweep)

    def maker(self, around: Surroundings, path: ProjectPath) -> SweepMaker:
        """What makes the sweep at `path`, not started yet."""
        random = Random(f"{around.seed}/{self.name}/{path}")
        where = ProjectName(*path.parts)
        return SweepMaker(where, self.config, api_key=around.api_key, random=random)

    def agents_run(self, around: Surroundings, index: int, run: SweepRun) -> VirtualClient:
        """A run that agent number `index` was told to start."""
        return modelled(self, self.settings, around, index, run)

    def _working(
        self,
        around: Surroundings,
        index: int,
        sweeps: Mapping[str, SweepMaker],
        runs: "list[_Run]",
    ) -> AgentClient:
        """An agent that adds its runs to `runs`, those of all agents."""
        made = sweeps[str(self.project_of(index))]
        sweep = made.sweep or ""

        def make(name: str, config: Mapping[str, Any]) -> _Run:
            run = SweepRun(sweep, name, len(runs), config)
            runs.append(_Run(self.agents_run(around, index, run)))
            return runs[-1]

        return self.agent(around, index, sweep, make, None if made.sweep else str(made.error))

    async def _make_sweeps(self, around: Surroundings) -> dict[str, SweepMaker]:
        """Project path -> the sweep there, or why there is none."""
        makers: dict[str, SweepMaker] = {}
        people = []
        for path in self.project_paths:
            makers[str(path)] = maker = self.maker(around, path)
            people.append((PublicClient(self.name, ProjectName(*path.parts), maker), 0.0))
        await drive(people, around, apart=True)
        for maker in makers.values():
            if maker.status in (200, 400):
                raise self.start_error(f"sweep: {maker.error}", "sweep")
        return makers


def _points(config: Mapping[str, Any]) -> int:
    """Of a grid; 0 if it has parameters that are not listed value by value."""
    points = 1
    for parameter in config["parameters"].values():
        if not isinstance(parameter, Mapping):
            return 0
        if "parameters" in parameter:
            points *= _points(parameter)
        else:
            points *= 1 if "value" in parameter else len(parameter.get("values") or ())
    return points


class _Run:
    """A run of an agent, which may kill it."""

    def __init__(self, client: VirtualClient) -> None:
        self._client = client
        self._killed = False

    @property
    def exit_code(self) -> int | None:
        return None if self._killed else self._client.run.exit_code

    def start(self, now: float, wall: float) -> None:
        self._client.start(now, wall)

    def stop(self) -> None:
        self._client.stop()

    def kill(self) -> None:
        self._killed = True

    def over(self, now: float) -> bool:
        return self._killed or self._client.over(now)

    def due(self, now: float) -> list[Request]:
        return self._client.due(now)

    def wake_at(self) -> float:
        return math.inf if self._killed else self._client.wake_at()

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        self._client.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        self._client.failed(now, request, error)

    def rows(self, now: float) -> int:
        return self._client.run.rows(now)

    def result(self, now: float) -> ClientResult:
        """A run that its sweep had killed did not fail, and lost what it had not sent."""
        result = self._client.result(now)
        if self._killed and not self._client.run.done:
            return msgspec.structs.replace(result, rows=None, exit_code=0, error=None)
        return result
