"""`mockwb compare BEFORE AFTER`: what changed between two runs of scenarios."""

from pathlib import Path

import click
import msgspec

from mockwb.cli.table import print_table
from mockwb.scenario.exit_code import ExitCode
from mockwb.scenario.reports.comparison import Comparison, compare
from mockwb.scenario.reports.comparison_text import headline, markdown, sections
from mockwb.scenario.reports.reading import read_report
from mockwb.yaml_file import FileError


@click.command("compare")
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown.")
@click.option("--json", "form", flag_value="json", help="Print JSON.")
def compare_command(before: Path, after: Path, form: str | None) -> None:
    """Say what changed from one run to another: thresholds, figures, limits, guidance.

    BEFORE and AFTER are report.json files, or folders that --report wrote.

    \b
    Exit codes:
        0  no threshold that held fails now
        1  one does
        2  a report cannot be read
    """
    try:
        comparison = compare(read_report(before), read_report(after))
    except FileError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(int(ExitCode.BAD_START)) from None
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(comparison), indent=2))
    elif form == "markdown":
        click.echo(markdown(comparison))
    else:
        _print(comparison)
    raise SystemExit(int(ExitCode.FAILED if comparison.broken else ExitCode.HELD))


def _print(comparison: Comparison) -> None:
    for when, verdict in zip(("before", "after"), comparison.verdicts, strict=True):
        click.echo(f"{when + ':':<8}{verdict}")
    for section in sections(comparison):
        click.echo(f"\n{section.title}")
        print_table(section.columns, section.rows, right=section.columns[section.left :])
    click.echo(f"\n{headline(comparison)}")
