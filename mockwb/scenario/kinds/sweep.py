"""Workload kind `sweep`: modelled agents that carry out one sweep, over real HTTP."""

import math
from collections.abc import Mapping
from random import Random
from typing import Annotated, Any, ClassVar

import msgspec

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.logging_workload import LoggingWorkload
from mockwb.scenario.modelled import SweepRun, modelled
from mockwb.scenario.public_client import PublicClient
from mockwb.scenario.virtual_client import VirtualClient
from mockwb.scenario.wire import drive
from mockwb.scenario.workload import Surroundings
from mockwb.sdkmodel.answer_headers import Headers
from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.requests import Request
from mockwb.sdkmodel.settings import SdkSettings
from mockwb.sdkmodel.sweep_agent import SweepAgent
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
    def rows_expected(self) -> int:
        """Of all runs of every sweep, as far as it is known how many there are."""
        runs = [_points(self.sweep) if self.sweep["method"] == "grid" else 0]
        runs.append(int(self.config.get(_CAP, 0)))
        return self.rows * min(filter(None, runs), default=0) * len(self.project_paths)

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Make a sweep for each project, and let all agents work at theirs.

        One result per run, and one per agent that gave up. StartError if the server refuses the
        sweep's configuration.
        """
        sweeps = await self._make_sweeps(around)
        runs: list[_Run] = []
        agents = [_Agent(self, around, index, sweeps, runs) for index in range(self.count)]
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

    async def _make_sweeps(self, around: Surroundings) -> dict[str, SweepMaker]:
        """Project path -> the sweep there, or why there is none."""
        makers: dict[str, SweepMaker] = {}
        people = []
        for path in self.project_paths:
            where = ProjectName(*path.parts)
            random = Random(f"{around.seed}/{self.name}/{path}")
            maker = SweepMaker(where, self.config, api_key=around.api_key, random=random)
            makers[str(path)] = maker
            people.append((PublicClient(self.name, where, maker), 0.0))
        await drive(people, around, apart=True)
        for maker in makers.values():
            if maker.status in (200, 400):
                raise StartError(f"workload {self.name}: sweep: {maker.error}")
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


class _Agent:
    """An agent as a client of the scenario."""

    def __init__(
        self,
        load: SweepWorkload,
        around: Surroundings,
        index: int,
        sweeps: Mapping[str, SweepMaker],
        runs: "list[_Run]",
    ) -> None:
        """`runs` are those of all agents, in the order of their starts."""
        self._load = load
        self._around = around
        self._index = index
        self._path = load.project_of(index)
        self._made = sweeps[str(self._path)]
        self._runs = runs
        self._started = False
        self._agent = SweepAgent(
            ProjectName(*self._path.parts),
            self._made.sweep or "",
            host=load.run_id(around, index),
            api_key=around.api_key,
            random=Random(f"{around.seed}/{load.name}/{index}"),
            make_run=self._make_run,
        )

    def start(self, now: float, wall: float) -> None:
        self._started = True
        if self._made.sweep is not None:
            self._agent.start(now, wall)

    def stop(self) -> None:
        self._agent.stop()

    def over(self, now: float) -> bool:
        return self._made.sweep is None or self._agent.over(now)

    def due(self, now: float) -> list[Request]:
        return self._agent.due(now)

    def wake_at(self) -> float:
        return self._agent.wake_at()

    def answered(
        self, now: float, request: Request, status: int, headers: Headers, body: bytes
    ) -> None:
        self._agent.answered(now, request, status, headers, body)

    def failed(self, now: float, request: Request, error: str) -> None:
        self._agent.failed(now, request, error)

    def result(self, now: float) -> ClientResult:
        """Of the agent itself."""
        tally = self._agent.tally
        return ClientResult(
            workload=self._load.name,
            entity=self._path.entity,
            project=self._path.project,
            run="",
            exit_code=None if self._error() else 0,
            error=self._error(),
            requests={str(surface): counts for surface, counts in tally.requests.items()},
            retries=tally.retries,
            throttled_seconds=tally.throttled_seconds,
            lowest_remaining=tally.lowest_remaining,
        )

    def _error(self) -> str | None:
        if not self._started:
            return "stopped before its start"
        if self._made.sweep is None:
            return f"no sweep: {self._made.error}"
        return self._agent.error and f"agent: {self._agent.error}"

    def _make_run(self, name: str, config: Mapping[str, Any]) -> "_Run":
        of_sweep = SweepRun(self._made.sweep or "", name, len(self._runs), config)
        client = modelled(self._load, self._load.settings, self._around, self._index, of_sweep)
        self._runs.append(_Run(client))
        return self._runs[-1]


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
