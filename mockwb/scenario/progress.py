"""What a person sees while a scenario runs: a live line in a terminal, else one now and then."""

from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

from mockwb.account import Account
from mockwb.clock import Clock
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.errors import ServerGoneError
from mockwb.scenario.model import Scenario

LIVE_SECONDS = 0.5
PLAIN_SECONDS = 5.0
_SPARING = 20
"""Reading a large account takes the server's time: pause so many times as long as it took."""


async def show_progress(
    scenario: Scenario, reader: AccountReader, console: Console, clock: Clock
) -> None:
    """Show how far the scenario is, until cancelled."""
    start = clock.now()
    if not console.is_terminal:
        await _repeat(scenario, reader, clock, start, PLAIN_SECONDS, console.print)
        return
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def show(line: str) -> None:
            live.update(Text(line), refresh=True)

        await _repeat(scenario, reader, clock, start, LIVE_SECONDS, show)


async def _repeat(
    scenario: Scenario,
    reader: AccountReader,
    clock: Clock,
    start: float,
    pause: float,
    show: Callable[[str], None],
) -> None:
    while True:
        asked = clock.now()
        try:
            account = await reader.read()
        except ServerGoneError as error:  # clients go on trying, and it may come back
            show(f"{_minutes(clock.now() - start)}  {error}")
        else:
            show(describe(scenario, account, clock.now() - start))
        await clock.sleep(max(pause, _SPARING * (clock.now() - asked)))


def describe(scenario: Scenario, account: Account, elapsed: float) -> str:
    """One line: elapsed, clients active and done, requests, 429s, rows stored."""
    clients = sum(workload.count for workload in scenario.workloads)
    rows = sum(workload.rows_expected for workload in scenario.workloads)
    active = sum(run.state == "running" for run in account.runs)
    done = sum(run.finished_at is not None for run in account.runs)
    statuses = [s for run in account.runs for s in run.requests.values()]
    requests = sum(sum(by_status.values()) for by_status in statuses)
    refused = sum(by_status.get("429", 0) for by_status in statuses)
    stored = sum(run.rows_stored for run in account.runs)
    return (
        f"{_minutes(elapsed)}  {active:,} of {clients:,} clients active, {done:,} done | "
        f"{requests:,} requests, {refused:,} answered 429 | {stored:,} of {rows:,} rows stored"
    )


def _minutes(elapsed: float) -> str:
    minutes, seconds = divmod(int(elapsed), 60)
    return f"{minutes:d}:{seconds:02d}"
