"""An error status in place of an answer, with the body that W&B or a proxy before it sends."""

from http import HTTPStatus
from typing import Annotated, Literal

import msgspec

from mockwb.faults.effect import Answer, Effect
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.subject import Strike
from mockwb.target import Surface

_OF_PROXIES = frozenset({502, 503, 504})
_MESSAGES = {
    401: "user is not logged in",
    403: "permission denied",
    404: "not found",
    408: "request timeout",
    409: "conflict: the object was changed meanwhile",
    413: "request entity too large",
    429: "rate limit exceeded",
    500: "internal server error",
}


class Status(FaultKind, frozen=True, kw_only=True, tag="status"):
    """Answer with an HTTP status. Limits are not asked, so a 429 carries no RateLimit headers."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 500
    body: Literal["auto", "json", "html", "empty"] = "auto"
    """`auto` is HTML for 502, 503 and 504, as proxies send it, and W&B's JSON for the rest."""
    message: str | None = None
    """What the body says; None says what W&B would."""
    retry_after: Annotated[int, msgspec.Meta(ge=0, le=86400)] | None = None
    """Retry-After in seconds."""
    handled: bool = False
    """Whether the request is handled, and only its answer lost."""

    def effect(self, strike: Strike) -> Effect:
        """The answer, in the shape that the surface has."""
        form = self.body
        if form == "auto":
            form = "html" if self.status in _OF_PROXIES else "json"
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        content_type = "text/html" if form == "html" else "application/json"
        body = b""
        if form == "html":
            body = _page(self.status, self.message)
        elif form == "json":
            body = _json(self._said(strike), strike.subject.target.surface)
        return Effect(answer=Answer(self.status, body, content_type, headers, self.handled))

    def _said(self, strike: Strike) -> str:
        if self.message is not None:
            return self.message
        target = strike.subject.target
        if self.status == 404 and target.project_path is not None:
            what = target.run_path or target.project_path
            return f"{'run' if target.run_path else 'project'} {what} not found"
        return _MESSAGES.get(self.status) or _phrase(self.status).lower()


def _json(message: str, surface: Surface) -> bytes:
    errors = [{"message": message}]
    if surface is Surface.GRAPHQL:
        return msgspec.json.encode({"errors": errors, "data": None})
    return msgspec.json.encode({"error": message, "errors": errors})


def _page(status: int, message: str | None) -> bytes:
    title = f"{status} {_phrase(status)}"
    said = f"<p>{_escaped(message)}</p>\r\n" if message is not None else ""
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n{said}<hr><center>nginx</center>\r\n"
        "</body>\r\n</html>\r\n"
    ).encode(errors="replace")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
