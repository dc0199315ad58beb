"""`mockwb schema WHAT`: the JSON Schema of a file that mockwb reads or writes."""

import json
from collections.abc import Callable
from typing import Any

import click

from mockwb.config.schemas import Schemas
from mockwb.scenario.reports.document import Report
from mockwb.scenario.schema import scenario_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def report_schema(dialect: str) -> dict[str, Any]:
    """Of `report.json`."""
    schemas = Schemas("#/$defs/")
    top = schemas.of(Report)
    return {"$schema": dialect, "title": "mockwb report", **top, "$defs": schemas.components}


FILES: dict[str, Callable[[str], dict[str, Any]]] = {
    "report": report_schema,
    "scenario": scenario_schema,
}
"""What there is -> what makes its schema in a dialect."""


@click.command("schema")
@click.argument("what", type=click.Choice(list(FILES)))
def schema(what: str) -> None:
    """Print a JSON Schema: of scenario files, for editors, or of the report.json of --report."""
    click.echo(json.dumps(FILES[what](DIALECT), indent=2))
