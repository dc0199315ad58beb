"""`mockwb run SCENARIO`: run a scenario, print its account, exit by its thresholds."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import uvloop
from rich.console import Console

from mockwb.clock import RealClock
from mockwb.observe.logging_setup import setup_logging
from mockwb.scenario.account_reader import ADMIN_TOKEN
from mockwb.scenario.account_table import print_account
from mockwb.scenario.errors import ScenarioError, StartError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.judgement import Judgement, judge
from mockwb.scenario.load import LoadedScenario, load_scenario
from mockwb.scenario.place import Place, elsewhere, server_config, started_here
from mockwb.scenario.progress import Progress
from mockwb.scenario.report import report, write_report
from mockwb.scenario.runner import Run, run_scenario
from mockwb.yaml_file import FileError

PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask, such as in a CI log."""

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
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write everything as JSON to FILE.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(
    scenario: Path, url: str | None, report_file: Path | None, command: tuple[str, ...]
) -> None:
    """Run and exit; see `_HELP`."""
    terminal = sys.stdout.isatty()
    width = None if terminal or "COLUMNS" in os.environ else PLAIN_WIDTH
    console = Console(width=width, highlight=False, soft_wrap=not terminal)
    try:
        check_report_file(report_file)
        loaded = load_scenario(scenario)
        if command:
            loaded = loaded.with_command(command)
        code = uvloop.run(_run(loaded, url, report_file, console))
    except FileError as error:
        click.echo(f"error: {error}", err=True)
        code = ExitCode.BAD_START
    except ScenarioError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    raise SystemExit(int(code))


def check_report_file(path: Path | None) -> None:
    """Better now than after the run."""
    if path is not None and not path.absolute().parent.is_dir():
        raise StartError(f"--report: no folder {path.absolute().parent}")


async def _run(
    loaded: LoadedScenario, url: str | None, report_file: Path | None, console: Console
) -> ExitCode:
    clock = RealClock()
    scenario = loaded.scenario
    async with _place(loaded, url, console) as place:
        interrupted = _interrupted()
        with Progress(scenario, console) as progress:
            done = await run_scenario(scenario, place, clock, interrupted, progress)
    judgement = judge(scenario, done)
    print_judgement(done, judgement, console)
    if report_file is not None:
        write_report(report_file, report(loaded, place.url, done, judgement))
        console.print(f"report: {report_file}")
    return judgement.exit_code


@asynccontextmanager
async def _place(loaded: LoadedScenario, url: str | None, console: Console) -> AsyncIterator[Place]:
    if url is None:
        config = server_config(loaded)
        setup_logging(config.log.level, config.log.format)
        async with started_here(config) as place:
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


def print_judgement(done: Run, judgement: Judgement, console: Console) -> None:
    """The account, the verdict, and what became of each threshold."""
    print_account(judgement.tallies, console)
    if done.account.forgotten_runs:
        console.print(
            f"the server forgot {done.account.forgotten_runs:,} runs: raise account.max_runs"
        )
    console.print(f"verdict: {judgement.verdict}", markup=False)
    for outcome in judgement.outcomes:
        console.print(f"{'holds' if outcome.holds else 'FAILS'}  {outcome.text}", markup=False)
