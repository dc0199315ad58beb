"""What a scenario's end looks like: printed, and written to the report's folder.

The commands that play scenarios call it.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from mockwb.scenario.account_table import print_account
from mockwb.scenario.errors import ScenarioError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.guidance_groups import grouped
from mockwb.scenario.judgement import Judgement, judge
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.reports.document import Engine, Report, WallTimes, report
from mockwb.scenario.reports.folder import prepare_folder, write_folder
from mockwb.scenario.runner import Run
from mockwb.yaml_file import FileError

_PLAIN_WIDTH = 120
"""Columns where there is no terminal to ask, such as in a CI log."""


def outcome_console() -> Console:
    """Where progress and outcome are printed: standard output."""
    terminal = sys.stdout.isatty()
    width = None if terminal or "COLUMNS" in os.environ else _PLAIN_WIDTH
    return Console(width=width, highlight=False, soft_wrap=not terminal)


def exit_with(play: Callable[[], ExitCode]) -> NoReturn:
    """Exit as `play` says, or by the error that ends it, which is told."""
    try:
        code = play()
    except FileError as error:
        click.echo(f"error: {error}", err=True)
        code = ExitCode.BAD_START
    except ScenarioError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    raise SystemExit(int(code))


def prepare_report(loaded: LoadedScenario, given: Path | None) -> Path | None:
    """Where the report goes, ready for it: the folder that is `given`, else the scenario's own.

    None if there is neither; StartError if it cannot be written to.
    """
    own = loaded.scenario.report
    if given is not None:
        prepare_folder(given, "--report")
    elif own is not None:
        given = Path(own)
        prepare_folder(given, f"{loaded.document.where(('report',))}: report")
    return given


def conclude(
    loaded: LoadedScenario,
    done: Run,
    engine: Engine,
    times: WallTimes,
    report_folder: Path | None,
    console: Console,
) -> ExitCode:
    """Judge what came of a scenario, print it, and write its report."""
    judgement = judge(loaded.scenario, done)
    _print_judgement(done, judgement, console)
    if report_folder is not None:
        _write_report(report_folder, report(loaded, done, judgement, engine, times), console)
    return judgement.exit_code


def _print_judgement(done: Run, judgement: Judgement, console: Console) -> None:
    """The account, the verdict, and what became of each threshold."""
    print_account(judgement.tallies, console)
    if done.account.forgotten_runs:
        console.print(
            f"the server forgot {done.account.forgotten_runs:,} runs: raise account.max_runs"
        )
    for group in grouped(done.guidance or (), done.started_at):
        console.print(f"guidance: {group.text}", markup=False)
    for note in dict.fromkeys(client.note for client in done.clients if client.note):
        console.print(f"note: {note}", markup=False)
    console.print(f"verdict: {judgement.verdict}", markup=False)
    for outcome in judgement.outcomes:
        console.print(f"{outcome.verdict}  {outcome.text}", markup=False)


def _write_report(folder: Path, content: Report, console: Console) -> None:
    """Every form of the report; ScenarioError if the folder cannot be written to any more."""
    try:
        write_folder(folder, content)
    except OSError as error:
        raise ScenarioError(f"the report is not whole: {error}") from error
    console.print(f"report: {folder / 'report.html'}", markup=False)
