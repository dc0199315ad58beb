"""Keeps what the server can say about each run; served by `/_mockwb/account`."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import get_args

from mockwb.account import Account, RunAccount, Verdict
from mockwb.clock import Clock
from mockwb.observe.globs import matcher
from mockwb.observe.run_tally import RunTally, add_faults, by_endpoint
from mockwb.record import RequestRecord

OpenGaps = Callable[[str, str, str], Awaitable[Iterable[tuple[str, int, int]]]]
"""(entity, project, run) -> (file, first missing line, one past the last) still open."""

RunState = Callable[[str, str, str], Awaitable[str]]
"""(entity, project, run) -> state as W&B shows it; "" for a run that does not exist."""


RunHost = Callable[[str, str, str], Awaitable[str]]
"""(entity, project, run) -> the machine it says it runs on; "" if it does not."""

GuidanceOf = Callable[[str, str, str], list[str]]
"""(entity, project, run) -> the ranges of W&B's guidance that the run has left."""


LastSteps = Callable[[str, str, str], Awaitable[tuple[float | None, float | None]]]
"""(entity, project, run) -> the last step stored, and the last one that its summary names."""


def _no_guidance(_entity: str, _project: str, _run: str) -> list[str]:
    return []


async def _no_host(_entity: str, _project: str, _run: str) -> str:
    return ""


async def _no_steps(*_: str) -> tuple[None, None]:
    return None, None


class AccountKeeper:
    """An onlooker that counts per run, for at most `max_runs` runs."""

    def __init__(
        self,
        max_runs: int,
        *,
        clock: Clock,
        run_state: RunState,
        open_gaps: OpenGaps,
        run_host: RunHost = _no_host,
        guidance: GuidanceOf = _no_guidance,
        last_steps: LastSteps = _no_steps,
    ) -> None:
        """Forget the run heard of longest ago when more than `max_runs` (at least 1) come.

        State and gaps change without a request of the run (a crash, a gap filled later), so they
        are asked for when an account is.
        """
        self._max_runs = max(1, max_runs)
        self._clock = clock
        self._run_state = run_state
        self._open_gaps = open_gaps
        self._run_host = run_host
        self._guidance = guidance
        self._last_steps = last_steps
        self._runs: OrderedDict[tuple[str, str, str], RunTally] = OrderedDict()
        self._other: dict[tuple[str, int], int] = {}
        self._other_refused: dict[str, int] = {}
        self._other_faults: dict[str, int] = {}
        self._forgotten = 0

    def saw(self, record: RequestRecord) -> None:
        """Count `record` with its run, or among the requests that name none."""
        target = record.target
        entity, project, run = target.entity, target.project, target.run
        if entity is None or project is None or run is None:
            key = (target.surface, record.status)
            self._other[key] = self._other.get(key, 0) + 1
            if record.refused_by is not None:
                limit = f"{record.refused_by.scope}.{record.refused_by.limit}"
                self._other_refused[limit] = self._other_refused.get(limit, 0) + 1
            add_faults(self._other_faults, record)
            return
        path = (entity, project, run)
        tally = self._runs.get(path)
        if tally is None:
            tally = self._begin(path, record.started_at)
        else:
            self._runs.move_to_end(path)
        tally.add(record)

    async def query(
        self,
        projects: Sequence[str] = (),
        runs: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> Account:
        """The account of all runs that match, oldest news first.

        `projects` are globs over `entity/project`, `runs` over run names, `hosts` over the machines
        that runs say they are on; a run matches when one of each does, and an empty sequence lets
        everything through. `other_requests` belong to no run, so they are told whole in every
        account.
        """
        project_matches, run_matches = matcher(projects), matcher(runs)
        host_matches = matcher(hosts)
        return Account(
            runs=[
                await self._told(path, tally, host)
                for path, tally in list(self._runs.items())
                if project_matches(f"{path[0]}/{path[1]}") and run_matches(path[2])
                if host_matches(host := await self._run_host(*path))
            ],
            other_requests=by_endpoint(self._other),
            other_refused=dict(self._other_refused),
            other_faults=dict(self._other_faults),
            forgotten_runs=self._forgotten,
        )

    async def of_run(self, entity: str, project: str, run: str) -> RunAccount | None:
        """The account of one run; None if no request has named it, or it is forgotten."""
        path = entity, project, run
        tally = self._runs.get(path)
        return None if tally is None else await self._told(path, tally, await self._run_host(*path))

    async def verdicts(self) -> dict[str, int]:
        """Verdict on the delivery -> runs."""
        counts = dict.fromkeys(get_args(Verdict), 0)
        for path, tally in list(self._runs.items()):
            told = tally.told_of_delivery(
                await self._run_state(*path), list(await self._open_gaps(*path))
            )
            counts[told.verdict] += 1
        return counts

    async def _told(self, path: tuple[str, str, str], tally: RunTally, host: str) -> RunAccount:
        now = self._clock.now()
        told = tally.account(
            path,
            host=host,
            state=await self._run_state(*path),
            gaps=await self._open_gaps(*path),
            guidance=self._guidance(*path),
            now=now,
            to_wall=self._clock.wall() - now,
        )
        delivery = told.delivery
        if delivery.end_unknown:
            steps = await self._last_steps(*path)
            delivery.last_step, delivery.last_step_logged = steps
        return told

    def _begin(self, path: tuple[str, str, str], started_at: float) -> RunTally:
        if len(self._runs) >= self._max_runs:
            self._runs.popitem(last=False)
            self._forgotten += 1
        tally = self._runs[path] = RunTally(started_at)
        return tally
