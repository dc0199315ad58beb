"""`GET /_mockwb/openapi.json`: the control API described, out of its own resources."""

from collections.abc import Sequence
from typing import Any

from mockwb import __version__
from mockwb.config.schemas import COMPONENTS, Schemas
from mockwb.control.answers import ErrorAnswer
from mockwb.control.resource import Call, Operation, Parameter, Resource

_ALWAYS = {
    400: "A parameter or the body is not as it should be; the message names it",
    401: "The server has an admin token, and the request does not carry it",
}
_OF_BODIES = {
    408: "The body stopped coming",
    413: "The body is too large",
    415: "The body is not application/json, or compressed in a way that is not supported",
}


class OpenApiResource:
    """Serves an OpenAPI 3.1 document."""

    name = "openapi"
    path = "/_mockwb/openapi.json"

    def __init__(self, others: Sequence[Resource], *, token_needed: bool) -> None:
        """Describe `others` and itself."""
        self._others = others
        self._token_needed = token_needed
        self.operations = [Operation("GET", "This document", self.get, dict[str, Any])]

    async def get(self, _: Call) -> object:
        """The document."""
        return document([*self._others, self], token_needed=self._token_needed)


def document(resources: Sequence[Resource], *, token_needed: bool) -> dict[str, Any]:
    """OpenAPI 3.1 of `resources`; `token_needed` says whether this server has an admin token."""
    schemas = Schemas()
    schemas.of(ErrorAnswer)
    paths = {
        resource.path: {
            operation.method.lower(): _operation(resource, operation, schemas)
            for operation in resource.operations
        }
        for resource in resources
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mockwb control API",
            "version": __version__,
            "description": "Reads and changes a running mockwb server. Changes are atomic and take "
            "effect on the next request.",
        },
        "security": [{"adminToken": []}] if token_needed else [],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"adminToken": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(resource: Resource, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    errors = {**_ALWAYS, **(_OF_BODIES if operation.body is not None else {}), **operation.errors}
    answers = {"200": _content("Done", schemas.of(operation.answer))}
    for status, when in sorted(errors.items()):
        answers[str(status)] = _content(when, {"$ref": COMPONENTS + ErrorAnswer.__name__})
    described: dict[str, Any] = {
        "operationId": f"{operation.method.lower()}-{resource.name.replace(' ', '-')}",
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": answers,
    }
    if operation.body is not None:
        body = _content("", schemas.of(operation.body))
        described["requestBody"] = {"required": True, "content": body["content"]}
    return described


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    if parameter.pattern:
        schema["pattern"] = f"^{parameter.pattern}$"
    if parameter.repeated:
        schema = {"type": "array", "items": schema}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.required,
        "schema": schema,
    }
