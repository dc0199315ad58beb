import pytest
from graphql import GraphQLSchema, build_schema

from mockwb.coverage.documents import Document, read
from mockwb.coverage.verdicts import Verdict, judged, side_of
from mockwb.wire.graphql.schema_files import load_schema


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return load_schema()


def document(text: str, found_in: str = "wandb-core") -> Document:
    one = read(text, found_in)
    assert isinstance(one, Document)
    return one


def verdict(schema: GraphQLSchema, *texts: str) -> Verdict:
    (only,) = judged(schema, [document(text) for text in texts])
    return only


def test_given_an_operation_that_resolvers_answer_then_it_is_valid_and_answered(schema) -> None:
    one = verdict(schema, "query Viewer { viewer { id } __typename }")
    assert (one.valid, one.answered, one.texts) == (True, True, 1)


def test_given_one_bad_text_among_two_then_the_operation_is_invalid(schema) -> None:
    one = verdict(schema, "query Viewer { viewer { id } }", "query Viewer { viewer { zzzzzz } }")
    assert (one.valid, one.answered, one.texts) == (False, False, 2)
    assert one.errors == ["Cannot query field 'zzzzzz' on type 'User'."]


def test_given_fields_without_a_resolver_then_the_root_and_those_with_arguments_count() -> None:
    schema = build_schema(
        "type Query { thing: Thing } type Thing { id: ID parts(first: Int): [Thing] }"
    )
    one = verdict(schema, "query Things { thing { id parts(first: 1) { id } } }")
    assert (one.valid, one.answered) == (True, False)
    assert one.unanswered == ["Query.thing", "Thing.parts"]


def test_given_fields_that_are_only_declared_then_the_operation_is_valid_and_unanswered(
    schema: GraphQLSchema,
) -> None:
    one = verdict(schema, 'query T { entity(name: "ada") { triggers { edges { cursor } } } }')
    assert (one.valid, one.unanswered) == (True, ["Entity.triggers"])


@pytest.mark.parametrize(
    ("text", "found_in", "side"),
    [
        ("query Viewer { viewer { id } }", "wandb-core", "runs"),
        ("mutation UseArtifact { x }", "wandb-core", "artifacts"),
        (
            "query FetchRegistries { x }",
            "wandb/sdk/artifacts/_generated/operations.py",
            "artifacts",
        ),
        ("query FetchOrganization { x }", "wandb/sdk/artifacts/_generated/operations.py", "runs"),
        ("query GetOrg { x }", "wandb/automations/_generated/operations.py", "artifacts"),
    ],
)
def test_given_an_operation_then_it_belongs_to_a_side(text: str, found_in: str, side: str) -> None:
    assert side_of(document(text, found_in)) == side
