"""Runs GraphQL requests against the schema and puts answers in the form that SDKs parse.

The endpoint calls `execute` with a decoded request. Failures are real HTTP statuses with
`{"errors": [{"message": ...}], "data": null}`: SDKs print the first message, retry 5xx and 429,
and drop the data of a 200 that carries errors.
"""

import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, TypeGuard

import msgspec
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from mockwb.backend.errors import BackendError
from mockwb.wire.errors import STATUS_OF
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.documents import Documents

logger = logging.getLogger(__name__)

_QUOTED = re.compile(r"'([^']*)'")


class GraphQLRequest(msgspec.Struct):
    """The body of `POST /graphql`."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    """Empty for every document that the SDK has in Python; then the only operation runs."""


@dataclass(slots=True, frozen=True)
class GraphQLAnswer:
    """What goes back over HTTP."""

    status: int
    body: bytes
    """JSON."""
    error: str | None = None
    """The first message, if the request failed."""


class GraphQLEngine:
    """One schema and its documents."""

    def __init__(self, schema: GraphQLSchema) -> None:
        """Serve `schema`, which `schema_files.load_schema` builds."""
        self.schema = schema
        self._documents = Documents(schema)
        self._encoder = msgspec.json.Encoder()

    async def execute(self, request: GraphQLRequest, context: GraphQLContext) -> GraphQLAnswer:
        """Run one request. Every failure is an answer; nothing is raised."""
        checked = self._documents.check(request.query)
        name = request.operation_name or None
        context.record.target.operation = name or checked.operation
        if checked.document is None:
            return failure(400, [_like_sdks_expect(error.message) for error in checked.errors])
        result = execute(
            self.schema,
            checked.document,
            context_value=context,
            variable_values=request.variables or {},
            operation_name=name,
            is_awaitable=_is_coroutine,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        if result.errors:
            return _refusal(result.errors)
        return GraphQLAnswer(200, self._encoder.encode({"data": result.data}))


def failure(status: int, messages: Sequence[str]) -> GraphQLAnswer:
    """An error answer with `messages`."""
    body = {"errors": [{"message": message} for message in messages], "data": None}
    return GraphQLAnswer(status, msgspec.json.encode(body), messages[0])


def _refusal(errors: Sequence[GraphQLError]) -> GraphQLAnswer:
    status = 0
    messages = []
    for error in errors:
        cause = _cause(error)
        if isinstance(cause, BackendError):
            messages.append(str(cause))
            status = status or STATUS_OF[type(cause)]
        elif isinstance(cause, GraphQLError):
            messages.append(_like_sdks_expect(error.message))
            status = status or 400
        else:
            logger.error("GraphQL field %s failed", error.path, exc_info=cause)
            messages.append("internal server error")
            status = 500
    return failure(status, messages)


def _cause(error: GraphQLError) -> Exception:
    """What a resolver raised, below the wrapping of graphql-core; or the error itself."""
    cause: Exception = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _like_sdks_expect(message: str) -> str:
    """Put names in double quotes: SDKs search for `Cannot query field "x" on type "Y"`."""
    return _QUOTED.sub(r'"\1"', message)


def _is_coroutine(value: Any) -> TypeGuard[Awaitable[Any]]:
    # Resolvers are functions or coroutine functions; the general test costs ten times as much.
    return type(value) is CoroutineType
