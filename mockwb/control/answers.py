"""How the control API answers: JSON, errors included. Used by every resource in this room."""

import msgspec
from aiohttp import web


class ErrorMessage(msgspec.Struct, frozen=True):
    """One error."""

    message: str


class ErrorAnswer(msgspec.Struct, frozen=True):
    """An error in the two forms that W&B's clients parse."""

    error: str
    errors: list[ErrorMessage]


class RefusedCallError(Exception):
    """A call that is answered with an error; the message says what is wrong with it."""

    def __init__(self, status: int, message: str) -> None:
        """Answer with `status` and `message`."""
        super().__init__(message)
        self.status = status


def json_answer(value: object, *, status: int = 200) -> web.Response:
    """`value` as JSON."""
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )


def error_answer(
    status: int, message: str, *, headers: dict[str, str] | None = None
) -> web.Response:
    """An `ErrorAnswer`."""
    answer = json_answer(ErrorAnswer(message, [ErrorMessage(message)]), status=status)
    answer.headers.update(headers or {})
    return answer
