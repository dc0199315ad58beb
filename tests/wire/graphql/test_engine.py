import json
import logging
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, validate_schema

from mockwb.backend.errors import (
    BackendError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
)
from mockwb.backend.users import Users
from mockwb.wire.graphql.documents import MAX_DEPTH, MAX_TOKENS, Documents
from mockwb.wire.graphql.schema_files import load_sdl
from tests.wire.graphql.conftest import GraphQLCaller

VIEWER = "query Viewer { viewer { id username } }"


def test_the_schema_is_sound(schema: GraphQLSchema) -> None:
    assert validate_schema(schema) == []
    build_schema(load_sdl())  # which validates the text too


@pytest.mark.parametrize("name", ["", "Viewer", None])
async def test_an_empty_operation_name_means_the_only_operation(
    caller: GraphQLCaller, name: str | None
) -> None:
    body = {"query": VIEWER, "operationName": name, "variables": None}
    status, got = await caller.send(json.dumps(body).encode())
    assert (status, got["data"]["viewer"]["username"]) == (200, "ada")
    assert caller.target.operation == "Viewer"


async def test_variables_may_be_absent_and_undeclared_ones_are_ignored(
    caller: GraphQLCaller,
) -> None:
    status, _ = await caller.send(json.dumps({"query": VIEWER}).encode())
    assert status == 200
    assert (await caller.ask(VIEWER, deleteArtifacts=False))["viewer"]["username"] == "ada"


async def test_a_single_value_stands_for_a_list_of_one(caller: GraphQLCaller) -> None:
    query = """query Q($specs: [JSONString!]!) {
      project(name: "none") { run(name: "r") { sampledHistory(specs: $specs) } }
    }"""
    assert await caller.ask(query, specs="{}") == {"project": None}


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"{", "request body is not valid JSON"),
        (b"\xff", "request body is not valid JSON"),
        (b"", "request body is not valid JSON"),
        (b'{"variables": {"a": ' + b"[" * 100_000, "request body is not valid JSON"),
        (b"[]", "invalid GraphQL request: Expected `object`, got `array`"),
        (b"{}", "missing required field `query`"),
        (b'{"query": 3}', "Expected `str`, got `int` - at `$.query`"),
        (b'{"query": "{a}", "variables": []}', "at `$.variables`"),
        (b'{"query": "{a}", "operationName": 1}', "at `$.operationName`"),
        (b'{"query": ""}', "Syntax Error: Unexpected <EOF>."),
        (b'{"query": "{"}', "Syntax Error: Expected Name, found <EOF>."),
        (b'{"query": "{ nothing }"}', 'Cannot query field "nothing" on type "Query".'),
        (b'{"query": "{ viewer }"}', 'Field "viewer" of type "User" must have a selection'),
        (b'{"query": "query A{__typename} query B{__typename}"}', "Must provide operation name"),
        (b'{"query": "{__typename}", "operationName": "X"}', 'Unknown operation named "X".'),
    ],
)
async def test_a_request_that_is_none_is_told_what_is_wrong_with_it(
    caller: GraphQLCaller, body: bytes, complaint: str
) -> None:
    status, got = await caller.send(body)
    assert status == 400
    assert got["data"] is None
    assert complaint in got["errors"][0]["message"]


@pytest.mark.parametrize("variables", [{}, {"id": None}, {"id": {"a": 1}}])
async def test_missing_and_mistyped_variables_are_named(
    caller: GraphQLCaller, variables: dict[str, object]
) -> None:
    query = "mutation StopRun($id: ID!) { stopRun(input: {id: $id}) { success } }"
    status, message = await caller.refused(query, **variables)
    assert status == 400
    assert message.startswith('Variable "$id"')


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidError, 400),
        (ForbiddenError, 403),
        (NotFoundError, 404),
        (ConflictError, 409),
        (TooLargeError, 413),
        (BackendError, 400),
    ],
)
async def test_what_the_backend_refuses_has_the_status_that_sdks_understand(
    caller: GraphQLCaller,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BackendError],
    status: int,
) -> None:
    def refuse(_users: Users, _name: str) -> Any:
        raise error("it's not 'so'")

    monkeypatch.setattr(Users, "get", refuse)
    assert await caller.refused(VIEWER) == (status, "it's not 'so'")


async def test_a_fault_of_our_own_is_logged_and_not_shown(
    caller: GraphQLCaller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_users: Users, _name: str) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(Users, "get", fail)
    with caplog.at_level(logging.ERROR):
        assert await caller.refused(VIEWER) == (500, "internal server error")
    assert "ZeroDivisionError: secret" in caplog.text


async def test_documents_nested_too_deeply_are_refused(caller: GraphQLCaller) -> None:
    levels = MAX_DEPTH // 3
    query = (
        "query Q { viewer { ...F } } fragment F on User { "
        + "teams { edges { node { user { " * levels
        + "id"
        + " } } } }" * levels
        + " }"
    )
    status, message = await caller.refused(query)
    assert status == 400
    assert f"more than {MAX_DEPTH}" in message


async def test_documents_nested_beyond_all_reason_are_refused(caller: GraphQLCaller) -> None:
    status, message = await caller.refused("{a" * 5000)
    assert status == 400
    assert "nested too deeply" in message


async def test_documents_with_too_many_tokens_are_refused(caller: GraphQLCaller) -> None:
    status, message = await caller.refused("{" + "viewer " * MAX_TOKENS + "}")
    assert status == 400
    assert "token" in message


async def test_introspection_works(caller: GraphQLCaller) -> None:
    query = """query ProbeServerCapabilities {
      QueryType: __type(name: "Query") { fields { name } }
      MutationType: __type(name: "Mutation") { fields { name } }
      Settings: __type(name: "ServerSettings") { fields { name } }
    }"""
    data = await caller.ask(query)
    assert {"name": "createRunFiles"} in data["MutationType"]["fields"]
    assert {"name": "serverInfo"} in data["QueryType"]["fields"]
    assert data["Settings"]["fields"] == [{"name": "serverMessages"}]


def test_documents_are_checked_once_and_the_oldest_are_forgotten(schema: GraphQLSchema) -> None:
    documents = Documents(schema, capacity=2)
    one = documents.check("query A { __typename }")
    two = documents.check("query B { __typename }")
    assert documents.check("query A { __typename }") is one
    documents.check("query C { __typename }")
    assert documents.check("query A { __typename }") is one
    assert documents.check("query B { __typename }") is not two
