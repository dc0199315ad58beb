"""Drives the floor and mockwb in turn with the same load, and compares them round by round."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

import msgspec

from tests.benchmarks.cases import Case
from tests.benchmarks.load import Result, Spec
from tests.benchmarks.memory import touch
from tests.benchmarks.servers import Started, account_of, create_runs, floor, mockwb

_ENTITY = "bench"
_PROJECT = "file-stream"


@dataclass(frozen=True)
class Effort:
    """How much to measure."""

    rounds: int = 5
    """Each drives both servers, in alternating order, which cancels drift."""
    seconds: float = 2.0
    """Per server and round."""
    connections: int = 16
    runs: int = 128


@dataclass(frozen=True)
class Measured:
    """One server in one round."""

    requests_per_second: float
    cpu_per_request: float
    """Seconds of the server's processor time, warm-up included; 0 where unknown."""
    p99: float
    """Seconds."""
    driver_busy: float


@dataclass(frozen=True)
class Comparison:
    """One case: the two servers side by side, a pair per round."""

    case: str
    rounds: list[tuple[Measured, Measured]]
    """(floor, mockwb)"""

    @property
    def ratio(self) -> float:
        """Requests per second, mockwb's over the floor's; the median over rounds."""
        return median(
            ours.requests_per_second / floors.requests_per_second for floors, ours in self.rounds
        )

    @property
    def cpu_ratio(self) -> float | None:
        """The floor's processor time per request over mockwb's; hardly minds a busy machine."""
        if any(not one.cpu_per_request for both in self.rounds for one in both):
            return None
        return median(floors.cpu_per_request / ours.cpu_per_request for floors, ours in self.rounds)

    def median_of(self, value: Callable[[Measured], float]) -> tuple[float, float]:
        """The median over rounds of `value`, for the floor and for mockwb."""
        floors, ours = zip(*self.rounds, strict=True)
        return median(map(value, floors)), median(map(value, ours))


def compare(case: Case, effort: Effort) -> Comparison:
    """Measure one case on fresh servers.

    RuntimeError if a request fails, or if mockwb did not store every row that was sent.
    """
    rounds: list[tuple[Measured, Measured]] = []
    rows_sent = 0
    with ExitStack() as stack:
        servers = stack.enter_context(floor()), stack.enter_context(mockwb())
        for number in range(effort.rounds):
            runs = [f"round{number}-run{index}" for index in range(effort.runs)]
            create_runs(servers[1], _ENTITY, _PROJECT, runs)
            results: dict[Started, tuple[Measured, Result]] = {}
            for server in servers if number % 2 == 0 else reversed(servers):
                touch(_likely_stored(case, effort))
                results[server] = _measured(server, case, runs, effort)
            rounds.append((results[servers[0]][0], results[servers[1]][0]))
            rows_sent += results[servers[1]][1].rows_sent
        _check_stored(servers[1], rows_sent)
    return Comparison(case.name, rounds)


def _likely_stored(case: Case, effort: Effort) -> int:
    """Bytes that mockwb will keep in one round; rather too many, at most 4 GB."""
    megabytes_per_second = 500 if case.rows * case.metrics > 1000 else 50
    return min(4_000_000_000, int(megabytes_per_second * 1e6 * effort.seconds * 1.5))


def _measured(
    server: Started, case: Case, runs: Sequence[str], effort: Effort
) -> tuple[Measured, Result]:
    spec = Spec(
        port=server.port,
        case=case.name,
        entity=_ENTITY,
        project=_PROJECT,
        runs=list(runs),
        connections=effort.connections,
        seconds=effort.seconds,
    )
    cpu_before = server.cpu_seconds()
    driven = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.load", msgspec.json.encode(spec).decode()],
        stdout=subprocess.PIPE,
        check=True,
    )
    result = msgspec.json.decode(driven.stdout, type=Result)
    if result.failures or not result.requests:
        raise RuntimeError(f"{case.name}: {result.failures} of the requests failed: {result}")
    measured = Measured(
        requests_per_second=result.requests / result.seconds,
        cpu_per_request=(server.cpu_seconds() - cpu_before) / result.answered,
        p99=result.p99,
        driver_busy=result.driver_busy,
    )
    return measured, result


def _check_stored(server: Started, rows_sent: int) -> None:
    """Speed counts only for what is kept."""
    runs = account_of(server, _ENTITY, _PROJECT).runs
    stored = sum(run.rows_stored for run in runs)
    if stored != rows_sent or any(run.gaps for run in runs):
        raise RuntimeError(f"{rows_sent} rows were sent, but mockwb stored {stored}")
