from typing import Any

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.run_queue_template import fill, parse_schemas, unknown_places, values_for

SCHEMAS = parse_schemas(
    {
        "gpus": {"schema": {"type": "integer", "minimum": 1, "maximum": 8, "default": 2}},
        "tier": {"type": "string", "enum": ["a", "b"]},
    }
)


def test_a_value_left_out_is_the_default() -> None:
    assert values_for(SCHEMAS, {"tier": "a"}) == {"gpus": 2, "tier": "a"}


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({}, "tier needs a value"),
        ({"tier": "c"}, "tier must be one of"),
        ({"tier": 1}, "tier must be of type string"),
        ({"tier": "a", "gpus": 9}, "gpus must be at most 8"),
        ({"tier": "a", "gpus": 0}, "gpus must be at least 1"),
        ({"tier": "a", "gpus": True}, "gpus must be of type integer"),
        ({"tier": "a", "cpus": 1}, "no template variable cpus; it has gpus, tier"),
    ],
)
def test_a_value_that_does_not_fit_is_named(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint):
        values_for(SCHEMAS, given)


@pytest.mark.parametrize(
    "schema",
    [
        "text",
        {"type": "colour"},
        {"type": "string", "enum": []},
        {"type": "integer", "minimum": "low"},
        {"type": "integer", "maximum": 3, "default": 4},
    ],
)
def test_a_schema_that_is_none_is_named(schema: Any) -> None:
    with pytest.raises(InvalidError, match="template variable x"):
        parse_schemas({"x": {"schema": schema}})


def test_values_take_the_places_that_name_them_and_no_others() -> None:
    config = {"n": "{{gpus}}", "text": ["{{ tier }}-{{gpus}}", "{{other}}"], "{{tier}}": 1}
    filled = fill(config, {"gpus": 2, "tier": "a"})
    assert filled == {"n": 2, "text": ["a-2", "{{other}}"], "a": 1}
    assert unknown_places(config, SCHEMAS) == ["other"]
