"""`mockwb run SCENARIO`: run a scenario, print its account, exit by its thresholds."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import click
import uvloop
from rich.console import Console

from mockwb.cli.outcome import conclude, exit_with, outcome_console, prepare_report
from mockwb.cli.scenario_file import load, set_option
from mockwb.clock import RealClock
from mockwb.observe.logging_setup import setup_logging
from mockwb.scenario.account_reader import ADMIN_TOKEN
from mockwb.scenario.errors import StartError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.place import Place, elsewhere, server_config, spawned, started_here
from mockwb.scenario.progress import Progress
from mockwb.scenario.reports.document import WallTimes
from mockwb.scenario.runner import run_scenario

_HELP = "\n".join(
    [
        "Run the workloads of a scenario file against a server and say what was delivered.",
        "",
        "COMMAND is for workloads of kind script that have none; put it after two dashes: --",
        "",
        "Without --url a server is started for the occasion, as the file's `server` section says.",
        "",
        "\b",
        "Exit codes:",
        *(f"  {code.value:>3}  {code.cause}" for code in ExitCode),
    ]
)


@click.command("run", help=_HELP)
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--url",
    metavar="URL",
    help="Use the running mockwb server there, with the key in WANDB_API_KEY and, if it has one, "
    "its admin token in MOCKWB_CONTROL__ADMIN_TOKEN.",
)
@click.option(
    "--spawn",
    is_flag=True,
    help="Start the server as a process of its own, so that it does not share a core with virtual "
    "clients.",
)
@click.option(
    "--report",
    "report_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write report.json, junit.xml, summary.md and report.html to FOLDER.",
)
@set_option
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(
    scenario: Path,
    url: str | None,
    spawn: bool,
    report_folder: Path | None,
    settings: dict[str, str],
    command: tuple[str, ...],
) -> None:
    """Run and exit; see `_HELP`."""
    console = outcome_console()

    def play() -> ExitCode:
        if spawn and url is not None:
            raise StartError("--spawn: with --url no server is started")
        loaded = load(scenario, settings)
        if command:
            loaded = loaded.with_command(command)
        folder = prepare_report(loaded, report_folder)
        place = _place(loaded, url, spawn, console)
        with loaded.placed():
            return uvloop.run(_run(loaded, place, folder, console))

    exit_with(play)


async def _run(
    loaded: LoadedScenario,
    somewhere: AbstractAsyncContextManager[Place],
    report_folder: Path | None,
    console: Console,
) -> ExitCode:
    clock = RealClock()
    scenario = loaded.scenario
    async with somewhere as place:
        interrupted = _interrupted()
        for workload in scenario.workloads:
            if workload.preparation is not None:
                console.print(workload.preparation)
        with Progress(scenario, console) as progress:
            started_at = clock.wall()
            done = await run_scenario(scenario, place, clock, interrupted, progress)
    times = WallTimes(started_at, clock.wall())
    return conclude(loaded, done, "run", times, report_folder, console)


@asynccontextmanager
async def _place(
    loaded: LoadedScenario, url: str | None, spawn: bool, console: Console
) -> AsyncIterator[Place]:
    if url is None:
        config = server_config(loaded)
        setup_logging(config.log.level, config.log.format)
        async with spawned(config) if spawn else started_here(config) as place:
            console.print(f"{loaded.scenario.name}: server at {place.url}, plan {config.plan}")
            yield place
        return
    if loaded.server_overlay:
        console.print(f"{loaded.file}: server: not applied, {url} is as it was started")
    token = os.environ.get(ADMIN_TOKEN) or None
    yield elsewhere(url, os.environ.get("WANDB_API_KEY"), token)


def _interrupted() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM; a second one ends the process at once."""
    event = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupt(number: signal.Signals) -> None:
        event.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupt, number)
    return event
