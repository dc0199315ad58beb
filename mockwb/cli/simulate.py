"""`mockwb simulate SCENARIO`: play a scenario in virtual time, print its account, exit by it."""

from pathlib import Path

import click
from rich.console import Console

from mockwb.cli.outcome import conclude, exit_with, outcome_console, prepare_report
from mockwb.cli.scenario_file import load, set_option
from mockwb.clock import RealClock
from mockwb.observe.logging_setup import setup_logging
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.place import server_config
from mockwb.scenario.progress import Progress
from mockwb.scenario.reports.document import WallTimes
from mockwb.scenario.reports.folder import prepare_folder
from mockwb.simulate.play import simulate
from mockwb.simulate.sweep import sweep
from mockwb.simulate.sweep_report import PAGE, SWEEP_FORMS, write_sweep
from mockwb.simulate.sweep_table import curve_table


def _values(
    _: click.Context, __: click.Parameter, text: str | None
) -> tuple[str, list[str]] | None:
    if text is None:
        return None
    name, _equals, values = text.partition("=")
    every = [value.strip() for value in values.split(",") if value.strip()]
    if not name.strip() or not every:
        raise click.BadParameter(f"expected NAME=VALUE,... such as clients=10,100, got {text!r}")
    return name.strip(), every


@click.command("simulate")
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option(
    "--report",
    "report_folder",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write report.json, junit.xml, summary.md and report.html to FOLDER, or sweep.json, "
    "sweep.md and sweep.html of a sweep.",
)
@click.option(
    "--sweep",
    "swept",
    metavar="NAME=VALUE,...",
    callback=_values,
    help="Simulate once per value of a variable, and draw the curve. `clients` scales the counts "
    "of all workloads, unless the scenario has a variable of that name; where the limits saturate, "
    "counts in between are tried too.",
)
@set_option
def simulate_command(
    scenario: Path,
    report_folder: Path | None,
    swept: tuple[str, list[str]] | None,
    settings: dict[str, str],
) -> None:
    """Play a scenario file in virtual time: an hour of thousands of clients in seconds.

    The clients are models of wandb-core, the limits and faults are the server's own. The same
    file and seed give the same result, to the last digit, on any machine. Exit codes are those of
    `mockwb run`; a sweep ends with 0 whatever its thresholds say.
    """
    console, clock = outcome_console(), RealClock()

    def play() -> ExitCode:
        if swept is not None:
            return _sweep(scenario, settings, swept, report_folder, console)
        loaded = load(scenario, settings)
        folder = prepare_report(loaded, report_folder)
        started_at = clock.wall()
        config = server_config(loaded)
        setup_logging(config.log.level, config.log.format)
        with loaded.placed(), Progress(loaded.scenario, console) as progress:
            onlooker = progress if console.is_terminal else None
            done = simulate(loaded.scenario, config, onlooker)
        times = WallTimes(started_at, clock.wall())
        return conclude(loaded, done, "simulate", times, folder, console)

    exit_with(play)


def _sweep(
    scenario: Path,
    settings: dict[str, str],
    swept: tuple[str, list[str]],
    report_folder: Path | None,
    console: Console,
) -> ExitCode:
    variable, values = swept
    if report_folder is not None:
        prepare_folder(report_folder, "--report", SWEEP_FORMS)
    with console.status("", spinner="dots") as status:
        status.update(f"{variable} {values[0]}")
        curve = sweep(
            lambda given: load(scenario, settings | given),
            variable,
            values,
            lambda point: status.update(f"{variable} {point.value}: {point.seconds:,.0f} s played"),
        )
    console.print(curve_table(curve))
    console.print(curve.text, markup=False)
    if report_folder is not None:
        write_sweep(report_folder, load(scenario, settings).scenario.name, curve)
        console.print(f"report: {report_folder / PAGE}", markup=False)
    return ExitCode.INTERRUPTED if curve.interrupted else ExitCode.HELD
