"""The documents are valid GraphQL and ask for what the SDK asks for."""

import graphql
import pytest
from graphql.language import ast

from mockwb.sdkmodel import operations
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Request, RequestMaker

MAKER = RequestMaker("k" * 40, {})
NAME = RunName("team", "vision", "r1")


def definition_of(request: Request) -> ast.OperationDefinitionNode:
    import json

    call = json.loads(request.body)
    document = graphql.parse(call["query"])
    (definition,) = document.definitions
    assert isinstance(definition, ast.OperationDefinitionNode)
    assert definition.name is not None
    assert definition.name.value == call["operationName"] == request.name
    declared = {v.variable.name.value for v in definition.variable_definitions or ()}
    assert declared == set(call.get("variables", {}))
    return definition


def fields_of(node: ast.OperationDefinitionNode | ast.FieldNode) -> dict[str, object]:
    selections = node.selection_set.selections if node.selection_set else ()
    return {s.name.value: fields_of(s) for s in selections if isinstance(s, ast.FieldNode)}


def test_viewer() -> None:
    viewer = fields_of(definition_of(operations.viewer(MAKER)))["viewer"]
    assert isinstance(viewer, dict)
    assert list(viewer) == ["id", "entity", "username", "email", "flags", "teams"]


def test_upsert_bucket() -> None:
    definition = definition_of(operations.upsert_bucket(MAKER, NAME, "{}", host="h"))
    types = {
        v.variable.name.value: graphql.print_ast(v.type)
        for v in definition.variable_definitions or ()
    }
    assert (types["config"], types["debug"], types["tags"]) == (
        "JSONString",
        "Boolean",
        "[String!]",
    )
    assert fields_of(definition) == {
        "upsertBucket": {
            "bucket": {
                "id": {},
                "name": {},
                "displayName": {},
                "description": {},
                "config": {},
                "sweepName": {},
                "project": {"id": {}, "name": {}, "entity": {"id": {}, "name": {}}},
                "historyLineCount": {},
            },
            "inserted": {},
        }
    }


def test_upsert_bucket_has_no_other_variables() -> None:
    with pytest.raises(KeyError, match="colour"):
        operations.upsert_bucket(MAKER, NAME, "{}", colour="red")


def test_create_run_files() -> None:
    definition = definition_of(operations.create_run_files(MAKER, NAME, ["a"]))
    assert fields_of(definition) == {
        "createRunFiles": {
            "runID": {},
            "uploadHeaders": {},
            "files": {"name": {}, "uploadUrl": {}},
        }
    }


def test_organization() -> None:
    definition = definition_of(operations.organization(MAKER, "team"))
    assert fields_of(definition) == {"entity": {"organization": {"coreWeaveOrganizationId": {}}}}
