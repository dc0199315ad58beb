"""`mockwb simulate SCENARIO`: play a scenario in virtual time, print its account, exit by it."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from mockwb.cli.run import PLAIN_WIDTH, check_report_file, print_judgement
from mockwb.scenario.errors import ScenarioError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.judgement import judge
from mockwb.scenario.load import load_scenario
from mockwb.scenario.place import server_config
from mockwb.scenario.report import report, write_report
from mockwb.simulate.play import URL, simulate
from mockwb.yaml_file import FileError


@click.command("simulate")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write everything as JSON to FILE.",
)
def simulate_command(scenario: Path, report_file: Path | None) -> None:
    """Play a scenario file in virtual time: an hour of thousands of clients in seconds.

    The clients are models of wandb-core, the limits and faults are the server's own. The same
    file and seed give the same result, to the last digit, on any machine. Exit codes are those of
    `mockwb run`.
    """
    terminal = sys.stdout.isatty()
    width = None if terminal or "COLUMNS" in os.environ else PLAIN_WIDTH
    console = Console(width=width, highlight=False, soft_wrap=not terminal)
    try:
        check_report_file(report_file)
        loaded = load_scenario(scenario)
        done = simulate(loaded.scenario, server_config(loaded))
        judgement = judge(loaded.scenario, done)
        print_judgement(done, judgement, console)
        if report_file is not None:
            write_report(report_file, report(loaded, URL, done, judgement))
            console.print(f"report: {report_file}")
        code = judgement.exit_code
    except FileError as error:
        click.echo(f"error: {error}", err=True)
        code = ExitCode.BAD_START
    except ScenarioError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    raise SystemExit(int(code))
