"""Reads a request as an operation wants it; whatever does not fit is named in a refusal.

`routes` calls it before it runs an operation.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import hdrs, web

from mockwb.control.answers import RefusedCallError
from mockwb.control.resource import Call, Operation, Parameter
from mockwb.yaml_file import Document, FileError, decode

ReadBody = Callable[[web.BaseRequest], Awaitable[bytes]]
"""The whole body, decompressed and bounded in size."""


async def read_call(request: web.BaseRequest, operation: Operation, read_body: ReadBody) -> Call:
    """What `request` asks of `operation`; RefusedCallError (400, 415) if it does not fit."""
    query = _query(request, operation.parameters)
    origin = request.remote or "unknown address"
    if operation.body is None:
        return Call(query, origin)
    if request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower() != _JSON:
        given = request.headers.get(hdrs.CONTENT_TYPE) or "none"
        raise RefusedCallError(415, f"Content-Type: expected {_JSON}, got {given}")
    data = _json(await read_body(request))
    return Call(query, origin, _typed(data, operation.body), data)


_JSON = "application/json"


def _number(text: str) -> float:
    """`5.0` is a whole number to JSON schemas, and so here."""
    number = float(text)
    return int(number) if number.is_integer() else number


_DECODER = msgspec.json.Decoder(float_hook=_number)


def _query(request: web.BaseRequest, parameters: tuple[Parameter, ...]) -> dict[str, list[str]]:
    query: dict[str, list[str]] = {}
    for name, value in request.query.items():
        query.setdefault(name, []).append(value)
    known = {parameter.name: parameter for parameter in parameters}
    for name in query:
        if name not in known:
            expected = f"expected {', '.join(known)}" if known else "this path takes none"
            raise RefusedCallError(400, f"unknown query parameter {name!r}: {expected}")
    for name, parameter in known.items():
        _check(parameter, query.get(name, []))
    return query


def _check(parameter: Parameter, values: list[str]) -> None:
    where = f"query parameter {parameter.name!r}"
    if parameter.required and not values:
        raise RefusedCallError(400, f"{where} is missing: expected {parameter.description}")
    if len(values) > 1 and not parameter.repeated:
        raise RefusedCallError(400, f"{where} is given {len(values)} times, expected once")
    for value in values:
        if parameter.choices and value not in parameter.choices:
            expected = f"one of {', '.join(parameter.choices)}"
        elif parameter.pattern and not re.fullmatch(parameter.pattern, value):
            expected = parameter.description
        else:
            continue
        raise RefusedCallError(400, f"{where}: expected {expected}, got {value!r}")


def _json(body: bytes) -> object:
    if not body.strip():
        raise RefusedCallError(400, "body: expected JSON, got nothing")
    try:
        return _DECODER.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RefusedCallError(400, f"body: not valid JSON: {error}") from error


def _typed(data: object, kind: Any) -> Any:
    if data is None:
        raise RefusedCallError(400, "body: expected `object`, got `null`")
    try:
        return decode(Document("body", data, {}), kind)
    except FileError as error:
        raise RefusedCallError(400, str(error)) from error
