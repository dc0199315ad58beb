import pytest
from graphql import GraphQLSchema

from mockwb.wire.graphql import registry
from mockwb.wire.graphql.names import argument_name, snake_case
from mockwb.wire.graphql.schema_files import load_schema


@pytest.mark.parametrize(
    ("outside", "inside"),
    [
        ("name", "name"),
        ("entityName", "entity_name"),
        ("runID", "run_id"),
        ("uploadURLParts", "upload_url_parts"),
        ("md5", "md5"),
        ("hexMD5", "hex_md5"),
    ],
)
def test_names_change_their_case_at_the_border(outside: str, inside: str) -> None:
    assert snake_case(outside) == inside


def test_the_input_of_mutations_is_called_values() -> None:
    assert argument_name("input") == "values"
    assert argument_name("missingOk") == "missing_ok"


def test_a_field_has_one_resolver() -> None:
    with pytest.raises(LookupError, match=r"Query.viewer has two resolvers"):
        registry.field("Query", "viewer")(lambda *_: None)


def test_a_resolver_needs_a_field(schema: GraphQLSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "viewer" in schema.query_type.fields  # type: ignore[union-attr]
    extra = {**registry._resolvers, ("Query", "nowhere"): lambda *_: None}
    monkeypatch.setattr(registry, "_resolvers", extra)
    with pytest.raises(LookupError, match=r"Query.nowhere, which the schema lacks"):
        load_schema()
