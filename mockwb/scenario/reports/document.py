"""`report.json`: everything a scenario's run said. The other forms are made of it.

`mockwb schema report` prints its JSON Schema. Facts of the wall clock are in the first level's
`started_at`, `finished_at` and `wall_seconds` alone: two simulations of one seed differ in nothing
else. The figures are those of thresholds: seconds, bytes, shares 0..1.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from mockwb import __version__
from mockwb.account import RunAccount
from mockwb.client_account import ClientAccount
from mockwb.scenario.account_reader import Window
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.figures import quantile, read_all
from mockwb.scenario.guidance_groups import GuidanceGroup, grouped
from mockwb.scenario.judgement import Judgement
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.reports.settings import settings_of
from mockwb.scenario.runner import Ending, Run
from mockwb.scenario.series import Sample, Waits
from mockwb.scenario.tally import Tally
from mockwb.scenario.thresholds import Outcome
from mockwb.scenario.timeline.player import Happened

VERSION: Literal[2] = 2
Engine = Literal["run", "simulate"]

_DECIMALS = 3
"""Of the samples' seconds: nobody sees more in a chart."""

_MOST_INCOMPLETE = 50


class ScenarioFacts(msgspec.Struct, kw_only=True):
    """What was played."""

    name: str
    description: str = ""
    file: str = ""
    """Name of the file, without its folder."""
    settings: dict[str, Any] = {}
    """What the file asks for, defaults of workloads included, keys and tokens left out."""


class ReportedRun(RunAccount, kw_only=True):
    """One run, counted from the server's side."""

    first_request_at: float = 0.0
    """Seconds since the start of the scenario."""
    last_request_at: float = 0.0
    """Seconds since the start of the scenario."""
    finished_at: float | None = None
    """When the finish mark was accepted; seconds since the start of the scenario."""


class IncompleteRun(msgspec.Struct, kw_only=True):
    """A run of which something that was sent, or its end, is not there."""

    run: str
    """`entity/project/run`."""
    missing: list[tuple[str, int, int]]
    """(file, first line, one past the last) that requests had, or left out, and nothing stored."""
    end_unknown: bool
    """Whether it ended without a finish mark: what followed the last line cannot be known."""

    @property
    def text(self) -> str:
        """What is missing, for people."""
        parts = [f"{file} lines {first} to {after - 1}" for file, first, after in self.missing]
        parts += ["its end: no finish mark came"] * self.end_unknown
        return ", ".join(parts)


class ClientErrors(msgspec.Struct, kw_only=True):
    """Clients of one workload that failed for one reason."""

    workload: str
    reason: str
    clients: int


class Report(msgspec.Struct, kw_only=True):
    """All of a scenario's run."""

    version: Literal[2]
    """Of this form: another number when a field changes its meaning or goes away."""
    mockwb: str
    """The version that made the report."""
    engine: Engine
    """The command that played the scenario: against a server, or in virtual time."""
    started_at: str
    """When the command started to play, in real time: RFC 3339, UTC."""
    finished_at: str
    """When it was done, in real time."""
    wall_seconds: float
    """Real time in between."""
    scenario: ScenarioFacts
    seconds: float
    """From the first client's start to the last one's end, in the scenario's time."""
    ending: Ending
    exit_code: int
    verdict: str
    """One line for people."""
    thresholds: list[Outcome]
    """In the scenario's order."""
    limits: list[Window]
    """Limits that were seen at work."""
    sdk_versions: list[str] = []
    """Releases of the SDK that the clients said they are."""
    total: dict[str, float | None]
    """Figure -> its value over all clients; null if there was nothing to measure."""
    workloads: dict[str, dict[str, float | None]]
    """Workload -> the same over its clients."""
    series: list[Sample] = []
    """How it went over time."""
    timeline: list[Happened] = []
    """What befell the server meanwhile."""
    finish_quantiles: dict[str, list[float]] = {}
    """Workload -> seconds from a client's last log() to the end of finish(), such that so many
    hundredths of the clients that finished took no longer: the shortest, then 1% to 100%."""
    wait_quantiles: dict[str, list[float]] = {}
    """Workload -> seconds that a run was held back in all, from 429s to acceptances, likewise."""
    errors: list[ClientErrors] = []
    """Why clients failed."""
    guidance: list[GuidanceGroup] = []
    """Ranges of W&B's guidance that were left, the furthest first."""
    incomplete: list[IncompleteRun] = []
    """Runs of which something is known to be missing, up to 50, those that miss most first."""
    content: dict[str, ContentCheck] = {}
    """Workload -> runs whose stored rows were compared with what was logged."""
    clients: list[ClientResult] = []
    """Each run from its client's side."""
    runs: list[ReportedRun] = []
    """Each run from the server's side."""
    behaviour: list[ClientAccount] = []
    """How each client took limits and failures, as the server saw it."""


@dataclass(frozen=True)
class WallTimes:
    """When the command played, in real time."""

    started_at: float
    """Seconds since the Unix epoch."""
    finished_at: float
    """Seconds since the Unix epoch."""


def report(
    loaded: LoadedScenario, run: Run, judgement: Judgement, engine: Engine, times: WallTimes
) -> Report:
    """Everything, in the order that a reader wants it."""
    scenario, tallies, behaved = loaded.scenario, judgement.tallies, list(run.behaved or ())
    return Report(
        version=VERSION,
        mockwb=__version__,
        engine=engine,
        started_at=_rfc3339(times.started_at),
        finished_at=_rfc3339(times.finished_at),
        wall_seconds=round(times.finished_at - times.started_at, _DECIMALS),
        scenario=ScenarioFacts(
            name=scenario.name,
            description=scenario.description,
            file=loaded.file.name,
            settings=settings_of(loaded),
        ),
        seconds=float(run.seconds),
        ending=run.ending,
        exit_code=int(judgement.exit_code),
        verdict=judgement.verdict,
        thresholds=judgement.outcomes,
        limits=run.windows,
        sdk_versions=sorted({one.sdk_version for one in behaved if one.sdk_version}),
        total=read_all(tallies.total),
        workloads={name: read_all(tally) for name, tally in tallies.workloads.items()},
        series=[_rounded(sample) for sample in run.series],
        timeline=[_plain(happened) for happened in run.timeline],
        finish_quantiles=_quantiles(tallies.workloads, lambda t: t.finish_seconds),
        wait_quantiles=_quantiles(tallies.workloads, lambda t: t.throttled_seconds),
        errors=_errors(run.clients),
        guidance=grouped(run.guidance or (), run.started_at),
        incomplete=_incomplete(run.account.runs),
        content=run.content or {},
        clients=run.clients,
        runs=[_since_start(account, run.started_at) for account in run.account.runs],
        behaviour=behaved,
    )


def _rfc3339(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _plain(happened: Happened) -> Happened:
    """With a number for what may be a duration of the scenario file."""
    return msgspec.structs.replace(happened, seconds=round(float(happened.seconds), _DECIMALS))


def _rounded(sample: Sample) -> Sample:
    waits = {name: round(s, _DECIMALS) for name, s in msgspec.structs.asdict(sample.waits).items()}
    return msgspec.structs.replace(
        sample,
        at=round(sample.at, _DECIMALS),
        seconds=round(sample.seconds, _DECIMALS),
        waits=Waits(**waits),
    )


def _quantiles(
    tallies: Mapping[str, Tally], pick: Callable[[Tally], Sequence[float]]
) -> dict[str, list[float]]:
    """By workload, of those that have any."""
    return {name: _hundredths(pick(tally)) for name, tally in tallies.items() if pick(tally)}


def _hundredths(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [round(quantile(ordered, p / 100) or 0.0, _DECIMALS) for p in range(101)]


def _errors(clients: Iterable[ClientResult]) -> list[ClientErrors]:
    """Reasons by workload, in order of appearance."""
    counts: dict[tuple[str, str], int] = {}
    for client in clients:
        if client.failure is not None:
            key = (client.workload, client.failure)
            counts[key] = counts.get(key, 0) + 1
    return [ClientErrors(workload=w, reason=r, clients=n) for (w, r), n in counts.items()]


def _incomplete(runs: Iterable[RunAccount]) -> list[IncompleteRun]:
    found = [run for run in runs if run.delivery.verdict == "incomplete"]
    worst = sorted(found, key=lambda run: -sum(after - at for _, at, after in run.delivery.missing))
    return [
        IncompleteRun(
            run=f"{run.entity}/{run.project}/{run.run}",
            missing=run.delivery.missing,
            end_unknown=run.delivery.end_unknown,
        )
        for run in worst[:_MOST_INCOMPLETE]
    ]


def _since_start(run: RunAccount, start: float) -> ReportedRun:
    fields = msgspec.structs.asdict(run)
    for name in ("first_request_at", "last_request_at", "finished_at"):
        if fields[name] is not None:
            fields[name] = round(fields[name] - start, _DECIMALS)
    return ReportedRun(**fields)
