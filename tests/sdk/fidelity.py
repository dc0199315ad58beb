"""How true models are to the SDK: `python -m tests.sdk.fidelity` prints README's table.

Each case is played three ways: by processes of the real SDK and by virtual clients, over HTTP and
each against a server of its own, and by simulation. Compared with the SDK are the requests sent,
those refused, the time that finish() takes, and the pace: how many rows are stored at each moment.
Under a limit much is chance, so all three are averaged over a few rounds.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

import click
import msgspec

from mockwb.clock import RealClock
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import server_config, started_here
from mockwb.scenario.runner import Run, run_scenario
from mockwb.scenario.series import Sample
from mockwb.scenario.timeline.player import Happened
from mockwb.simulate.play import simulate
from mockwb.yaml_file import convert

_MOMENTS = 200
"""At which the pace is compared, from the first request to the last row."""
_SEEDS = 20
"""Simulations that are averaged: single runs differ by the chance in the SDK's waits."""


@dataclass(frozen=True)
class Case:
    """One scenario, as small as shows the point."""

    name: str
    limits: dict[str, Any] = field(default_factory=dict)
    clients: int = 1
    rows: int = 120
    every: str = "250ms"
    metrics: int = 5
    interval: int = 1
    """Seconds between two file_stream requests of a client."""
    timeline: Sequence[dict[str, Any]] = ()

    def scenario(self, kind: str, seed: int = 0) -> LoadedScenario:
        """The case for clients of this kind."""
        workload = {
            "kind": kind,
            "name": "clients",
            "project": "team/fidelity",
            "count": self.clients,
            "rows": self.rows,
            "every": self.every,
            "metrics": self.metrics,
            "settings": {"x_file_stream_transmit_interval": self.interval},
        }
        if kind == "sdk":
            workload["settings"] |= {"console": "off"}
        server = {"limits": {"project": self.limits}}
        content = {
            "name": "fidelity",
            "server": server,
            "workloads": [workload],
            "timeline": list(self.timeline),
            "timeout": "5m",
            "seed": seed,
        }
        return LoadedScenario(convert(content, Scenario), Path("fidelity.yaml"), server)


OUTAGE = {"name": "outage", "what": {"kind": "status", "status": 503}}
CASES = (
    Case("steady, under the limit", {"requests": "20/10s"}),
    Case("2x over the limit", {"requests": "3/6s"}),
    Case("10x over the limit", {"requests": "1/10s"}),
    Case("one limit for 8 runs", {"requests": "20/5s"}, clients=8),
    Case("limited by bytes", {"bytes": "20kB/5s"}, metrics=60, interval=2),
    Case(
        "burst at finish",
        {"requests": "2/5s"},
        clients=4,
        rows=20,
        every="1s",
        interval=15,
    ),
    Case(
        "outage of 60 s",
        rows=160,
        every="500ms",
        timeline=[{"do": "start_fault", "at": "10s", "fault": OUTAGE, "for": "60s"}],
    ),
)


class Measured(msgspec.Struct, frozen=True):
    """What one way of playing came to, per client where it is numbers."""

    requests: float
    refused: float
    finish: float
    """Seconds, on average."""
    pace: list[float]
    """Share of the rows that is stored, at moments from the first request on."""
    seconds: float
    """From the first request to the last row stored."""

    def errors(self, model: "Measured") -> "Errors":
        """How far `model` is off."""
        longest = max(self.seconds, model.seconds)
        moments = [longest * (number + 0.5) / _MOMENTS for number in range(_MOMENTS)]
        return Errors(
            requests=_off(self.requests, model.requests),
            refused=_off(self.refused, model.refused),
            finish=_off(self.finish, model.finish, at_least=1.0),
            pace=mean(abs(self.stored(moment) - model.stored(moment)) for moment in moments),
        )

    def stored(self, moment: float) -> float:
        """Share of the rows that is stored so long after the first request."""
        index = int(moment / self.seconds * len(self.pace)) if self.seconds else 0
        return self.pace[index] if index < len(self.pace) else 1.0


class Errors(msgspec.Struct, frozen=True):
    """Shares: 0.1 is a tenth too many or too few."""

    requests: float
    refused: float
    finish: float
    pace: float
    """Mean difference of the shares of rows that are stored."""


def _off(true: float, model: float, at_least: float = 1) -> float:
    """Relative to the truth; what is nearly nothing counts as `at_least`."""
    return abs(model - true) / max(true, at_least)


@dataclass(frozen=True)
class Result:
    """One case, played all three ways."""

    case: Case
    sdk: Measured
    virtual: Measured
    simulated: Measured


async def measure(cases: Sequence[Case], rounds: int) -> list[Result]:
    """Play every case so often, some at a time: as many as a small machine has room for."""
    room = _Room()
    tasks = [[asyncio.create_task(_both(case, room)) for _ in range(rounds)] for case in cases]
    results = []
    for case, played in zip(cases, tasks, strict=True):
        pairs = [await task for task in played]
        sdk, virtual = (average(list(each)) for each in zip(*pairs, strict=True))
        scenarios = [case.scenario("sdk", seed) for seed in range(_SEEDS)]
        simulated = [_measured(simulate(one.scenario, server_config(one))) for one in scenarios]
        results.append(Result(case, sdk, virtual, average(simulated)))
    return results


class _Room:
    """Only so many processes of the SDK at the same time."""

    _MOST = 6

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(self._MOST)
        self._queue = asyncio.Lock()

    @asynccontextmanager
    async def take(self, processes: int) -> AsyncIterator[None]:
        """Wait for room; more than there is take all of it."""
        taken = min(processes, self._MOST)
        async with self._queue:
            for _ in range(taken):
                await self._free.acquire()
        try:
            yield
        finally:
            for _ in range(taken):
                self._free.release()


async def _both(case: Case, room: _Room) -> tuple[Measured, Measured]:
    """SDK and virtual clients, at the same time."""
    async with room.take(case.clients):
        sdk, virtual = await asyncio.gather(_real(case, "sdk"), _real(case, "virtual"))
    return _measured(sdk), _measured(virtual)


def average(every: Sequence[Measured]) -> Measured:
    """Of several runs of one case."""
    seconds = max(one.seconds for one in every)
    return Measured(
        requests=mean(one.requests for one in every),
        refused=mean(one.refused for one in every),
        finish=mean(one.finish for one in every),
        pace=[
            mean(one.stored(seconds * (n + 0.5) / _MOMENTS) for one in every)
            for n in range(_MOMENTS)
        ],
        seconds=seconds,
    )


class _Unseen:
    """An onlooker that does not look."""

    def saw(self, sample: Sample) -> None:
        """Do nothing."""

    def missed(self, at: float, error: str) -> None:
        """Do nothing."""

    def happened(self, event: Happened) -> None:
        """Do nothing."""


async def _real(case: Case, kind: str) -> Run:
    loaded = case.scenario(kind)
    async with started_here(server_config(loaded)) as place:
        return await run_scenario(loaded.scenario, place, RealClock(), asyncio.Event(), _Unseen())


def _measured(run: Run) -> Measured:
    statuses = [one.requests.get("file_stream", {}) for one in run.account.runs]
    begin = min(one.first_request_at for one in run.account.runs) - run.started_at
    rows = sum(client.rows or 0 for client in run.clients)
    points = [(0.0, 0.0)]
    points += [(max(0.0, sample.at - begin), sample.rows_stored / rows) for sample in run.series]
    seconds = next((at for at, share in points if share >= 1), points[-1][0])
    finished = [one.finish_seconds for one in run.clients if one.finish_seconds is not None]
    return Measured(
        requests=mean(sum(by_status.values()) for by_status in statuses),
        refused=mean(by_status.get("429", 0) for by_status in statuses),
        finish=mean(finished),
        pace=[_between(points, seconds * (n + 0.5) / _MOMENTS) for n in range(_MOMENTS)],
        seconds=seconds,
    )


def _between(points: Sequence[tuple[float, float]], at: float) -> float:
    """The share at a moment, interpolated."""
    before = points[0]
    for point in points:
        if point[0] > at:
            gap = point[0] - before[0]
            return (
                point[1] if not gap else before[1] + (at - before[0]) / gap * (point[1] - before[1])
            )
        before = point
    return before[1]


def table(results: Sequence[Result]) -> str:
    """Markdown: what the SDK did, and by how much each model is off."""
    lines = [
        "| case | SDK: requests, 429s, finish() | virtual, off by | simulated, off by |",
        "| --- | --- | --- | --- |",
    ]
    for result in results:
        sdk = result.sdk
        models = [_text(sdk.errors(model)) for model in (result.virtual, result.simulated)]
        lines.append(
            f"| {result.case.name} | {sdk.requests:.1f}, {sdk.refused:.1f}, {sdk.finish:.1f} s | "
            f"{models[0]} | {models[1]} |"
        )
    medians = [_text(middle(results, name)) for name in ("virtual", "simulated")]
    lines.append(f"| median | | {medians[0]} | {medians[1]} |")
    return "\n".join(lines)


def middle(results: Sequence[Result], model: str) -> Errors:
    """The median error of a model over all cases, figure by figure."""
    every = [result.sdk.errors(getattr(result, model)) for result in results]
    names = Errors.__struct_fields__
    return Errors(**{name: median(getattr(one, name) for one in every) for name in names})


def _text(errors: Errors) -> str:
    return ", ".join(
        f"{share:.0%}" for share in (errors.requests, errors.refused, errors.finish, errors.pace)
    )


@click.command()
@click.option("--only", help="Cases with this in their name.")
@click.option("--rounds", default=5, show_default=True, help="Each case so often.")
def main(only: str | None, rounds: int) -> None:
    """Measure all cases and print the table."""
    cases = [case for case in CASES if only is None or only in case.name]
    results = asyncio.run(measure(cases, rounds))
    for result in results:
        for name in ("sdk", "virtual", "simulated"):
            one = getattr(result, name)
            numbers = f"{one.requests:.1f} {one.refused:.1f} {one.finish:.1f} {one.seconds:.1f}"
            click.echo(f"{result.case.name}: {name}: {numbers}", err=True)
    click.echo(table(results))


if __name__ == "__main__":
    main()
