"""The schema takes the documents that the installed SDK has for artifacts."""

import inspect
import re

import pytest
from graphql import GraphQLSchema, parse, validate

from mockwb.wire.graphql.schema_files import load_schema

IN_SCOPE = [
    "ADD_ALIASES_GQL",
    "ARTIFACT_BY_ID_GQL",
    "ARTIFACT_COLLECTION_ALIASES_GQL",
    "ARTIFACT_CREATED_BY_GQL",
    "ARTIFACT_MEMBERSHIP_BY_NAME_GQL",
    "ARTIFACT_MEMBERSHIP_FILES_GQL",
    "ARTIFACT_TYPE_ARTIFACT_COLLECTIONS_GQL",
    "ARTIFACT_TYPE_GQL",
    "ARTIFACT_USED_BY_GQL",
    "DELETE_ALIASES_GQL",
    "FETCH_ARTIFACT_MANIFEST_GQL",
    "FETCH_LINKED_ARTIFACTS_GQL",
    "GET_ARTIFACT_MEMBERSHIP_FILE_URLS_GQL",
    "PROJECT_ARTIFACTS_GQL",
    "PROJECT_ARTIFACT_COLLECTIONS_GQL",
    "PROJECT_ARTIFACT_COLLECTION_GQL",
    "PROJECT_ARTIFACT_TYPES_GQL",
    "PROJECT_ARTIFACT_TYPE_GQL",
    "RUN_INPUT_ARTIFACTS_GQL",
    "RUN_OUTPUT_ARTIFACTS_GQL",
    "UPDATE_ARTIFACT_GQL",
]


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    return load_schema()


@pytest.mark.sdk
@pytest.mark.parametrize("name", IN_SCOPE)
def test_given_a_document_of_the_sdk_then_the_schema_takes_it(
    schema: GraphQLSchema, name: str
) -> None:
    operations = pytest.importorskip("wandb.sdk.artifacts._generated.operations")
    assert validate(schema, parse(getattr(operations, name))) == []


@pytest.mark.sdk
@pytest.mark.parametrize("name", ["create_artifact_version", "update_artifact_metadata"])
def test_given_a_document_inside_a_function_of_the_sdk_then_the_schema_takes_it(
    schema: GraphQLSchema, name: str
) -> None:
    utilities = pytest.importorskip("wandb.sdk.artifacts._gqlutils")
    source = inspect.getsource(getattr(utilities, name))
    found = re.search(r'"""(\s*mutation [A-Z].*?)"""', source, re.DOTALL)
    assert found is not None
    assert validate(schema, parse(found[1])) == []
