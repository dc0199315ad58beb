"""`mockwb coverage`: which GraphQL operations of a wandb package mockwb serves."""

import json
from pathlib import Path

import click

from mockwb.cli.table import print_table
from mockwb.coverage.package import Package, PackageError, from_release, from_wheel, installed
from mockwb.coverage.survey import Survey, coverage_of
from mockwb.coverage.verdicts import Verdict
from mockwb.wire.graphql.schema_files import load_schema

_INCOMPLETE = 1
_NO_PACKAGE = 2


@click.command()
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A wheel file of wandb, for any platform.",
)
@click.option("--sdk", metavar="VERSION", help="A release of wandb; pip downloads it once.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every error, not a table.")
def coverage(wheel: Path | None, sdk: str | None, as_json: bool) -> None:
    """List the GraphQL operations that a wandb package sends, and whether mockwb serves them.

    Reads the Python sources and the compiled wandb-core of the installed package, or of --wheel or
    --sdk. "valid": the schema takes all texts of the operation. "answered": there is code behind
    each of its root fields, and behind each field that is given arguments. Artifacts, registries
    and automations are the artifacts side, of which the schema has to take all, answered or not;
    all else is the runs side.

    Exits with 0 if all is valid and the whole runs side is answered, with 1 if not, with 2 if there
    is no such package.
    """
    if wheel is not None and sdk is not None:
        raise click.UsageError("give --wheel or --sdk, not both")
    try:
        package = _package(wheel, sdk)
    except PackageError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(_NO_PACKAGE) from error
    survey = coverage_of(package, load_schema())
    if as_json:
        click.echo(json.dumps(survey.plain(), indent=2))
    else:
        _print(survey)
    raise SystemExit(0 if survey.complete else _INCOMPLETE)


def _package(wheel: Path | None, sdk: str | None) -> Package:
    if wheel is not None:
        return from_wheel(wheel)
    return installed() if sdk is None else from_release(sdk)


def _print(survey: Survey) -> None:
    columns = ["side", "operation", "found in", "texts", "answered", "valid"]
    print_table(columns, [_row(verdict) for verdict in survey.verdicts], right="texts")
    for one in survey.unreadable:
        click.echo(f"unreadable: {one.found_in}: {one.start!r}: {one.reason}")
    click.echo(survey.summary())


def _row(verdict: Verdict) -> list[str]:
    answered = "yes" if verdict.answered else "no"
    if verdict.unanswered:
        answered = f"no: {', '.join(verdict.unanswered)}"
    valid = "yes" if verdict.valid else verdict.errors[0]
    name = verdict.operation or "(no name)"
    return [verdict.side, name, verdict.found_in, str(verdict.texts), answered, valid]
