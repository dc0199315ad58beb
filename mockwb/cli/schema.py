"""`mockwb schema WHAT`: the JSON Schema of a file that mockwb reads or writes."""

import json
from typing import Any

import click

from mockwb.control.schemas import Schemas
from mockwb.scenario.reports.document import Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: dict[str, tuple[str, Any]] = {
    "report": ("mockwb report", Report),
}
"""What there is -> its title and its type."""


@click.command("schema")
@click.argument("what", type=click.Choice(list(FILES)))
def schema(what: str) -> None:
    """Print the JSON Schema of report.json, as `--report` writes it."""
    click.echo(json.dumps(schema_of(what), indent=2))


def schema_of(what: str) -> dict[str, Any]:
    """The schema of one of `FILES`."""
    title, kind = FILES[what]
    schemas = Schemas("#/$defs/")
    top = schemas.of(kind)
    return {"$schema": DIALECT, "title": title, **top, "$defs": schemas.components}
