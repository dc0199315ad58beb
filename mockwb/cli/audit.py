"""`mockwb audit -- COMMAND`: run a script once and hold its logging against W&B's guidance."""

import os
from pathlib import Path

import click
import uvloop

from mockwb.audit.lint import figures, violations
from mockwb.audit.script_run import run_script
from mockwb.config.load import load_config
from mockwb.observe.logging_setup import setup_logging
from mockwb.yaml_file import FileError


@click.command(context_settings={"ignore_unknown_options": True})
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="Configuration (YAML), such as other ranges in its section `guidance`.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def audit(file: Path | None, command: tuple[str, ...]) -> None:
    """Run COMMAND once against an unlimited server and list what its logging does wrong.

    Every range of W&B's guidance that it leaves is one line, and so is every run that was not
    delivered whole. Exit codes: 0 nothing found, 1 something found or COMMAND failed, 2 not run.
    """
    setup_logging("error", "text")
    try:
        config = load_config(file=file, overlay={"port": 0})
    except FileError as error:
        raise click.UsageError(str(error)) from error
    try:
        audited = uvloop.run(run_script(command, config, os.environ))
    except OSError as error:
        raise click.UsageError(f"cannot run {command[0]}: {error.strerror or error}") from error
    found = violations(audited)
    click.echo("\n".join(["", *figures(audited)]))
    for line in found:
        click.secho(line, fg="red")
    if audited.exit_code:
        click.secho(f"{command[0]} ended with exit code {audited.exit_code}", fg="red")
    if not audited.account.runs:
        click.secho("no run was logged to the audit's server", fg="red")
    bad = bool(found or audited.exit_code or not audited.account.runs)
    click.echo(f"{len(found)} found" if bad else "nothing found")
    raise SystemExit(int(bad))
