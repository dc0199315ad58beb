"""`mockwb check FILE...`: see whether scenario files are right, without running them."""

from collections.abc import Sequence
from pathlib import Path

import click

from mockwb.cli.scenario_file import load, set_option
from mockwb.scenario.errors import StartError
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.place import server_config
from mockwb.yaml_file import FileError


@click.command("check")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@set_option
def check(files: Sequence[Path], settings: dict[str, str]) -> None:
    """See whether scenario files are right, without running them.

    Each mistake is named with file, line and what was expected; with any the exit code is 2.
    """
    wrong = False
    for file in files:
        try:
            loaded = load(file, settings)
            server_config(loaded)
        except (FileError, StartError) as error:
            wrong = True
            click.echo(f"error: {error}", err=True)
        else:
            clients = sum(workload.count for workload in loaded.scenario.workloads)
            click.echo(f"{file}: good, {clients:,} client{'s' * (clients != 1)}")
    raise SystemExit(int(ExitCode.BAD_START if wrong else ExitCode.HELD))
