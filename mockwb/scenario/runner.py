"""Runs a scenario against a server that is there: workloads, samples, and the account at the end.

`mockwb run` calls it; it knows nothing of files, flags and exit codes.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

import aiohttp

from mockwb.account import Account
from mockwb.client_account import ClientAccount
from mockwb.clock import Clock
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import AccountReader, Window
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.early_end import EarlyEnd, wait_for_failure
from mockwb.scenario.errors import ScenarioError
from mockwb.scenario.key_check import check_key
from mockwb.scenario.last_reading import read_last
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import Place
from mockwb.scenario.sampler import Onlooker, Sampler
from mockwb.scenario.series import Sample
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.timeline.player import Happened, Player, check_place
from mockwb.scenario.timeline.put_back import put_back
from mockwb.scenario.timeline.server_control import ServerControl
from mockwb.scenario.workload import Surroundings
from mockwb.units import format_duration

Ending = Literal["done", "timeout", "interrupted", "aborted", "broken"]
"""`aborted` is the end that a threshold's failure brought about, `broken` that of a server that is
gone for good, or refuses what the timeline asks of it."""

_PATIENCE = 120.0
"""Seconds that a server of our own may have its port closed for when all is over."""


@dataclass(frozen=True)
class Run:
    """What came of a scenario, before anybody judges it."""

    ending: Ending
    clients: list[ClientResult]
    account: Account
    windows: list[Window]
    """The limits that were seen at work."""
    started_at: float
    """Seconds since the Unix epoch."""
    seconds: float
    behaved: Sequence[ClientAccount] | None = ()
    """How the clients of the runs behaved, as the server saw them; None if it could not say."""
    series: Sequence[Sample] = ()
    """How it went over time."""
    timeline: list[Happened] = field(default_factory=list)
    """What befell the server meanwhile."""
    guidance: Sequence[Finding] | None = None
    """The ranges of W&B's guidance that the runs, their projects and users left; None if nobody
    watched, as in simulations of very many rows, or could say."""
    content: dict[str, ContentCheck] | None = None
    """Workload -> whether some of its runs hold what was logged, of those that can tell; None if
    nobody compared, as in simulations."""
    aborted_by: str | None = None
    """The threshold that ended it before its time."""
    broken_by: str | None = None
    """What the server did not do, or when it was last heard of; what it stored after that is not
    known."""


async def run_scenario(
    scenario: Scenario, place: Place, clock: Clock, interrupted: asyncio.Event, onlooker: Onlooker
) -> Run:
    """Run all workloads to their end, to the timeout or to `interrupted`.

    StartError if the server or a workload cannot start. Of a server that vanishes, the run has what
    was known last.
    """
    for workload in scenario.workloads:
        workload.check()
    check_place(scenario.timeline, place.server)
    for workload in scenario.workloads:
        await workload.prepare()
    async with aiohttp.ClientSession() as session:
        projects = {str(p) for workload in scenario.workloads for p in workload.project_paths}
        prefix = secrets.token_hex(3)
        marked = any(workload.marks_runs for workload in scenario.workloads)
        reader = AccountReader(
            session, place.url, projects, prefix, place.admin_token, marked=marked
        )
        await check_key(session, place.url, place.api_key)
        await reader.check()
        around = Surroundings(
            base_url=place.url,
            api_key=place.api_key,
            clock=clock,
            run_prefix=prefix,
            seed=scenario.seed,
            started_at=clock.wall(),
        )
        control = ServerControl(session, place.url, place.admin_token)
        player = Player(scenario.timeline, control, place.server, clock, onlooker.happened)
        started_at, start = clock.wall(), clock.now()
        sampler = Sampler(reader, clock, partial(_rows_logged, scenario, around))
        watching = asyncio.create_task(sampler.watch(onlooker))
        own = place.server is not None or not scenario.timeline
        try:
            async with nullcontext() if own else put_back(control):
                early_end = wait_for_failure(EarlyEnd(scenario, prefix), reader, clock)
                lost = place.server.lost() if place.server is not None else asyncio.Event().wait()
                clients, end = await _run_workloads(
                    scenario, around, player, interrupted, early_end, lost
                )
        finally:
            await _cancelled(watching)
        seconds = clock.now() - start
        patience = _PATIENCE if place.server is not None and end.ending != "broken" else 0
        last = await read_last(reader, scenario.workloads, clients, clock, patience)
        if last.gone is None:
            sampler.end(last.account)
        elif end.broken_by is None:
            heard = f"last heard of {format_duration(round(sampler.at, 1))} after the start"
            ending: Ending = "interrupted" if end.ending == "interrupted" else "broken"
            end = replace(end, ending=ending, broken_by=f"{last.gone}; {heard}")
    return Run(
        end.ending,
        clients,
        last.account,
        reader.windows_of(last.behaved or ()),
        started_at,
        seconds,
        last.behaved,
        series=sampler.samples,
        timeline=player.happened,
        guidance=last.guidance,
        content=last.content,
        aborted_by=end.aborted_by,
        broken_by=end.broken_by,
    )


@dataclass(frozen=True)
class _End:
    """How the clients came to an end."""

    ending: Ending
    aborted_by: str | None = None
    broken_by: str | None = None


def _rows_logged(scenario: Scenario, around: Surroundings) -> int | None:
    """By all clients so far; None unless every workload can tell."""
    counts = [around.rows_logged.get(workload.name) for workload in scenario.workloads]
    known = [count() for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


async def _run_workloads(
    scenario: Scenario,
    around: Surroundings,
    player: Player,
    interrupted: asyncio.Event,
    early_end: Coroutine[Any, Any, Threshold],
    lost: Coroutine[Any, Any, Any],
) -> tuple[list[ClientResult], _End]:
    """Clients and timeline until the clients are done or have to stop.

    `lost` ends with the reason when the server is gone for good.
    """
    work = asyncio.create_task(_all_clients(scenario, around))
    playing = asyncio.create_task(player.play())
    timeout = asyncio.create_task(around.clock.sleep(scenario.timeout))
    interrupt = asyncio.create_task(interrupted.wait())
    breaking = asyncio.create_task(_failure(playing, lost))
    aborting = asyncio.create_task(early_end)
    ends = (work, timeout, interrupt, breaking, aborting)
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        end = _End("done")
        if not work.done():
            if interrupt.done():
                end = _End("interrupted")
            elif aborting.done():
                end = _End("aborted", aborted_by=str(aborting.result()))
            elif breaking.done():
                end = _End("broken", broken_by=breaking.result())
            else:
                end = _End("timeout")
            around.stop.set()
        player.end()
        clients = await work
        try:
            await playing
        except ScenarioError as error:
            if end.ending == "done":
                end = _End("broken", broken_by=str(error))
        return clients, end
    finally:
        for task in (playing, *ends):
            await _cancelled(task)


async def _failure(playing: "asyncio.Task[None]", lost: Coroutine[Any, Any, Any]) -> str:
    """What the timeline could not do, or why the server is gone; never returns else."""
    gone = asyncio.create_task(lost)
    try:
        await asyncio.wait({playing, gone}, return_when=asyncio.FIRST_COMPLETED)
        if playing.done():
            try:
                playing.result()
            except ScenarioError as error:
                return str(error)
        return str(await gone)
    finally:
        await _cancelled(gone)


async def _all_clients(scenario: Scenario, around: Surroundings) -> list[ClientResult]:
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(w.run(around)) for w in scenario.workloads]
    except BaseExceptionGroup as group_error:
        raise _first(group_error) from group_error
    return [client for task in tasks for client in task.result()]


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error to tell: one of ours if there is one, else whatever came first."""
    ours = group.subgroup(ScenarioError)
    error: BaseException = ours or group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _cancelled(task: "asyncio.Task[Any]") -> None:
    """Cancel and wait; an error of the task itself has been dealt with or does not matter now."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
