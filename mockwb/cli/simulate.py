"""`mockwb simulate SCENARIO`: play a scenario in virtual time, print its account, exit by it."""

from pathlib import Path

import click

from mockwb.cli.outcome import outcome_console, print_judgement, write_report
from mockwb.cli.scenario_file import load, set_option
from mockwb.clock import RealClock
from mockwb.scenario.errors import ScenarioError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.judgement import judge
from mockwb.scenario.place import server_config
from mockwb.scenario.progress import Progress
from mockwb.scenario.reports.document import WallTimes, report
from mockwb.scenario.reports.folder import prepare_folder
from mockwb.simulate.play import simulate
from mockwb.yaml_file import FileError


@click.command("simulate")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "report_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write report.json, junit.xml, summary.md and report.html to FOLDER.",
)
@set_option
def simulate_command(scenario: Path, report_folder: Path | None, settings: dict[str, str]) -> None:
    """Play a scenario file in virtual time: an hour of thousands of clients in seconds.

    The clients are models of wandb-core, the limits and faults are the server's own. The same
    file and seed give the same result, to the last digit, on any machine. Exit codes are those of
    `mockwb run`.
    """
    console, clock = outcome_console(), RealClock()
    try:
        loaded = load(scenario, settings)
        if report_folder is not None:
            prepare_folder(report_folder)
        started_at = clock.wall()
        with Progress(loaded.scenario, console) as progress:
            onlooker = progress if console.is_terminal else None
            done = simulate(loaded.scenario, server_config(loaded), onlooker)
        judgement = judge(loaded.scenario, done)
        print_judgement(done, judgement, console)
        if report_folder is not None:
            times = WallTimes(started_at, clock.wall())
            write_report(report_folder, report(loaded, done, judgement, "simulate", times), console)
        code = judgement.exit_code
    except FileError as error:
        click.echo(f"error: {error}", err=True)
        code = ExitCode.BAD_START
    except ScenarioError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    raise SystemExit(int(code))
