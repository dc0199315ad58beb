"""How refusals and failures look on the wire: a status, and JSON in the forms that SDKs parse."""

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mockwb.backend.errors import (
    BackendError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooLargeError,
)
from mockwb.gate.gate import RefusedError

STATUS_OF: dict[type[BackendError], int] = {
    BackendError: 400,
    NotFoundError: 404,
    InvalidError: 400,
    ConflictError: 409,
    ForbiddenError: 403,
    TooLargeError: 413,
}
"""HTTP status of each backend error; all of these tell SDKs not to retry (409 excepted)."""


class RequestError(Exception):
    """A request that cannot be understood; the message says what is wrong with it."""

    def __init__(self, status: int, message: str) -> None:
        """Answer with `status` and `message`."""
        super().__init__(message)
        self.status = status


class DisconnectedError(Exception):
    """The connection was broken on command; nobody is left to answer."""


class Disconnected(web.StreamResponse):
    """Stands for the answer that nobody gets any more."""

    def __init__(self) -> None:
        super().__init__()
        self.set_status(0, "")

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Tell aiohttp that the connection is gone."""
        raise ConnectionResetError("the connection was broken by a fault")


def error_body(message: str) -> bytes:
    """Both forms at once: `error` for what wandb-core echoes, `errors` for GraphQL clients."""
    return msgspec.json.encode({"error": message, "errors": [{"message": message}]})


def error_response(
    status: int, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    """A JSON error answer."""
    return web.Response(
        status=status,
        body=error_body(message),
        headers=headers,
        content_type="application/json",
    )


def response_to(error: Exception) -> web.StreamResponse | None:
    """The answer to an error that has one; None for what nobody foresaw."""
    if isinstance(error, DisconnectedError):
        return Disconnected()
    if isinstance(error, RefusedError):
        return error_response(error.status, str(error), error.headers)
    if isinstance(error, RequestError):
        return error_response(error.status, str(error))
    if isinstance(error, BackendError):
        return error_response(STATUS_OF[type(error)], str(error))
    if isinstance(error, web.HTTPException):
        return _of_router(error)
    return None


def _of_router(error: web.HTTPException) -> web.Response:
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return error_response(error.status, error.reason, headers)
