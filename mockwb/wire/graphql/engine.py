"""Runs GraphQL requests against the schema and puts answers in the form that SDKs parse.

The endpoint calls `prepare` with a decoded request and `execute` with what comes of it. Failures
are real HTTP statuses with `{"errors": [{"message": ...}], "data": null}`: SDKs print the first
message, retry 5xx and 429, and drop the data of a 200 that carries errors.
"""

import logging
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from types import CoroutineType
from typing import Any, TypeGuard

import msgspec
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from mockwb.backend.errors import BackendError
from mockwb.wire.errors import STATUS_OF
from mockwb.wire.graphql import text_lists
from mockwb.wire.graphql.context import GraphQLContext
from mockwb.wire.graphql.documents import CheckedDocument, Documents
from mockwb.wire.graphql.root_fields import Operation, Variables

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
    data: Any = None
    """What is in the body under `data`."""


@dataclass(slots=True, frozen=True)
class PreparedRequest:
    """A request that was read, and looked at as far as its document goes."""

    document: CheckedDocument
    variables: Variables = field(default_factory=dict)
    operation_name: str | None = None

    @property
    def operation(self) -> Operation | None:
        """What will run; None if nothing can."""
        return self.document.operation(self.operation_name)

    @property
    def name(self) -> str | None:
        """What the request calls its operation."""
        if self.operation_name is not None or self.operation is None:
            return self.operation_name
        name = self.operation.node.name
        return None if name is None else name.value


class GraphQLEngine:
    """One schema and its documents."""

    def __init__(self, schema: GraphQLSchema) -> None:
        """Serve `schema`, which `schema_files.load_schema` builds."""
        self.schema = schema
        self._documents = Documents(schema)
        self._encoder = msgspec.json.Encoder()

    def prepare(self, request: GraphQLRequest) -> PreparedRequest:
        """Check one request's document."""
        document = self._documents.check(request.query)
        return PreparedRequest(document, request.variables or {}, request.operation_name or None)

    async def execute(self, prepared: PreparedRequest, context: GraphQLContext) -> GraphQLAnswer:
        """Run one request. Every failure is an answer; nothing is raised."""
        checked = prepared.document
        if checked.document is None:
            return failure(400, [_like_sdks_expect(error.message) for error in checked.errors])
        result = execute(
            self.schema,
            checked.document,
            context_value=context,
            variable_values=prepared.variables,
            operation_name=prepared.operation_name,
            is_awaitable=_is_coroutine,
            **text_lists.HOW,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
        if result.errors:
            return _refusal(result.errors)
        body = self._encoder.encode({"data": result.data})
        return GraphQLAnswer(200, body, data=result.data)


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
