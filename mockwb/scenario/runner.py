"""Runs a scenario against a server that is there: workloads, samples, and the account at the end.

`mockwb run` calls it; it knows nothing of files, flags and exit codes.
"""

import asyncio
import secrets
from collections.abc import Coroutine, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import aiohttp

from mockwb.account import Account
from mockwb.client_account import ClientAccount
from mockwb.clock import Clock
from mockwb.guidance import Finding
from mockwb.scenario.account_reader import AccountReader, Window
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import ContentCheck, check_content
from mockwb.scenario.early_end import EarlyEnd, wait_for_failure
from mockwb.scenario.errors import ScenarioError, ServerGoneError
from mockwb.scenario.key_check import check_key
from mockwb.scenario.model import Scenario
from mockwb.scenario.place import Place
from mockwb.scenario.sampler import Onlooker, Sampler
from mockwb.scenario.series import Sample
from mockwb.scenario.thresholds import Threshold
from mockwb.scenario.timeline.player import Happened, Player, check_place
from mockwb.scenario.timeline.put_back import put_back
from mockwb.scenario.timeline.server_control import ServerControl
from mockwb.scenario.workload import Surroundings

Ending = Literal["done", "timeout", "interrupted", "aborted"]
"""`aborted` is the end that a threshold's failure brought about."""

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
    behaved: list[ClientAccount] = field(default_factory=list)
    """How the clients of the runs behaved, as the server saw them."""
    series: Sequence[Sample] = ()
    """How it went over time."""
    timeline: list[Happened] = field(default_factory=list)
    """What befell the server meanwhile."""
    guidance: Sequence[Finding] | None = None
    """The ranges of W&B's guidance that the runs, their projects and users left; None if nobody
    watched, as in simulations."""
    content: dict[str, ContentCheck] = field(default_factory=dict)
    """Workload -> whether some of its runs hold what was logged, of those that can tell."""
    aborted_by: str | None = None
    """The threshold that ended it before its time."""


async def run_scenario(
    scenario: Scenario, place: Place, clock: Clock, interrupted: asyncio.Event, onlooker: Onlooker
) -> Run:
    """Run all workloads to their end, to the timeout or to `interrupted`.

    StartError if the server or a workload cannot start, ServerGoneError if the server vanishes.
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
                clients, ending, aborted_by = await _run_workloads(
                    scenario, around, player, interrupted, early_end
                )
        finally:
            await _cancelled(watching)
        seconds = clock.now() - start
        account = await _account(reader, clock, _PATIENCE if place.server is not None else 0)
        sampler.end(account)
        behaved = await reader.read_clients()
        findings = await reader.read_guidance(account)
        content = await check_content(scenario.workloads, clients, account, reader)
    return Run(
        ending,
        clients,
        account,
        reader.windows_of(behaved),
        started_at,
        seconds,
        behaved,
        series=sampler.samples,
        timeline=player.happened,
        guidance=findings,
        content=content,
        aborted_by=aborted_by,
    )


async def _account(reader: AccountReader, clock: Clock, patience: float) -> Account:
    """The last reading; ServerGoneError if the server does not answer for so many seconds."""
    give_up_at = clock.now() + patience
    while True:
        try:
            return await reader.read()
        except ServerGoneError:
            if clock.now() >= give_up_at:
                raise
        await clock.sleep(1)


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
) -> tuple[list[ClientResult], Ending, str | None]:
    """Clients and timeline until the clients are done or have to stop.

    What the clients did, how it ended, and the threshold that ended it, if one did.
    """
    work = asyncio.create_task(_all_clients(scenario, around))
    playing = asyncio.create_task(player.play())
    timeout = asyncio.create_task(around.clock.sleep(scenario.timeout))
    interrupt = asyncio.create_task(interrupted.wait())
    failing = asyncio.create_task(_failure(playing))
    aborting = asyncio.create_task(early_end)
    ends = (work, timeout, interrupt, failing, aborting)
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        ending: Ending = "done"
        aborted_by = None
        if not work.done():
            ending = "interrupted" if interrupt.done() else "timeout"
            if aborting.done():
                ending, aborted_by = "aborted", str(aborting.result())
            around.stop.set()
        player.end()
        if failing.done():
            failing.result()
        clients = await work
        await playing
        return clients, ending, aborted_by
    finally:
        for task in (playing, *ends):
            await _cancelled(task)


async def _failure(task: "asyncio.Task[None]") -> None:
    """Raise what `task` ends with; never return."""
    await asyncio.wait({task})
    task.result()
    await asyncio.Event().wait()


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
