from typing import Any

import pytest
from graphql import GraphQLScalarType, build_schema, graphql_sync

from mockwb.wire.graphql.scalars import install_scalar

SDL = """
scalar JSONString
scalar JSON
scalar DateTime
scalar Int64
scalar Duration
type Query {
  text(value: JSONString): JSONString
  json(value: JSON): JSON
  at(value: Int64): DateTime
  big(value: Int64): Int64
  span(value: Duration): Duration
}
"""


def echoed(field: str, kind: str, value: object) -> Any:
    """What comes back, or the message of the refusal."""
    schema = build_schema(SDL)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLScalarType):
            install_scalar(type_)
    result = graphql_sync(
        schema,
        f"query Q($v: {kind}) {{ {field}(value: $v) }}",
        {field: lambda _info, value=None: value},
        variable_values={"v": value},
    )
    return result.errors[0].message if result.errors else (result.data or {})[field]


@pytest.mark.parametrize(
    ("field", "kind", "value", "shown"),
    [
        ("text", "JSONString", '{"a": NaN}', '{"a": NaN}'),
        ("json", "JSON", {"a": [1, None, "x"]}, {"a": [1, None, "x"]}),
        ("at", "Int64", 1_767_225_600, "2026-01-01T00:00:00Z"),
        ("big", "Int64", 2**53, 2**53),
        ("big", "Int64", "12", 12),
        ("big", "Int64", 3.0, 3),
        ("span", "Duration", 5000, 5000),
        ("span", "Duration", None, None),
    ],
)
def test_values_pass(field: str, kind: str, value: object, shown: object) -> None:
    assert echoed(field, kind, value) == shown


@pytest.mark.parametrize(
    ("field", "kind", "value", "complaint"),
    [
        ("text", "JSONString", {"a": 1}, "JSONString must be JSON text, got dict"),
        ("big", "Int64", 1.5, "Int64 cannot represent 1.5"),
        ("big", "Int64", True, "Int64 cannot represent True"),
        ("big", "Int64", "x", "Int64 cannot represent 'x'"),
        ("span", "Duration", "inf", "cannot represent"),
    ],
)
def test_values_of_another_kind_are_refused(
    field: str, kind: str, value: object, complaint: str
) -> None:
    assert complaint in echoed(field, kind, value)
