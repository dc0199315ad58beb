import json

import jsonschema
import pytest
from click.testing import CliRunner

from mockwb.cli.schema import schema
from mockwb.scenario.reports.folder import report_json
from tests.scenario.reports.samples import reported, run


@pytest.fixture
def validator():
    printed = CliRunner().invoke(schema, ["report"])
    assert printed.exit_code == 0, printed.output
    read = json.loads(printed.output)
    jsonschema.Draft202012Validator.check_schema(read)
    return jsonschema.Draft202012Validator(read)


def test_reports_are_as_their_schema_says(validator):
    for report in (reported(), reported(run("interrupted", finished_at=None, rows_stored=9))):
        validator.validate(json.loads(report_json(report)))


@pytest.mark.parametrize(
    ("path", "wrong"),
    [(("engine",), "guess"), (("series", 0, "at"), "soon"), (("runs", 0, "state"), None)],
)
def test_what_is_no_report_is_refused(validator, path, wrong):
    content = json.loads(report_json(reported()))
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = wrong
    assert not validator.is_valid(content)


def test_every_field_of_the_report_is_explained(validator):
    top = validator.schema["$defs"]["Report"]["properties"]
    unsaid = {name for name, field in top.items() if "description" not in field}
    assert unsaid <= {"scenario", "ending", "exit_code"}
