from typing import Any

import pytest
from graphql import GraphQLScalarType, build_schema, graphql_sync

from mockwb.wire.graphql import text_lists
from mockwb.wire.graphql.scalars import install_scalar

SDL = "scalar JSONString type Query { rows: [JSONString!]! loose: [JSONString] names: [String!]! }"


def answered(field: str, value: list[Any]) -> Any:
    """What a list turns into, or the message of the refusal."""
    schema = build_schema(SDL)
    scalar = schema.type_map["JSONString"]
    assert isinstance(scalar, GraphQLScalarType)
    install_scalar(scalar)
    result = graphql_sync(schema, f"{{ {field} }}", {field: value}, **text_lists.HOW)
    return result.errors[0].message if result.errors else (result.data or {})[field]


def test_texts_come_as_they_are() -> None:
    rows = ['{"_step": 0}', "no json"]
    assert answered("rows", rows) is rows
    assert answered("rows", []) == []


@pytest.mark.parametrize("value", [["{}", 1], ["{}", None]])
def test_given_anything_else_in_the_list_then_it_is_refused(value: list[Any]) -> None:
    assert "JSONString" in answered("rows", value) or "null" in answered("rows", value)


def test_other_lists_are_completed_item_by_item() -> None:
    assert answered("loose", ["{}", None]) == ["{}", None]
    assert answered("names", ["a", 1]) == ["a", "1"]
