"""How the control API answers: JSON, errors included. Used by every resource in this room."""

from collections.abc import Collection

import msgspec
from aiohttp import web


def json_answer(value: object, *, status: int = 200) -> web.Response:
    """`value` as JSON."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


def error_answer(status: int, message: str, *, allow: str | None = None) -> web.Response:
    """An error in the two forms that W&B's clients parse, `error` and `errors`."""
    answer = json_answer({"error": message, "errors": [{"message": message}]}, status=status)
    if allow is not None:
        answer.headers["Allow"] = allow
    return answer


def unknown_parameter(request: web.BaseRequest, known: Collection[str]) -> web.Response | None:
    """An answer that names the first query parameter not in `known`; None when all are."""
    for name in request.query:
        if name not in known:
            expected = f"expected {', '.join(known)}" if known else "this path takes none"
            return error_answer(400, f"unknown query parameter {name!r}: {expected}")
    return None
