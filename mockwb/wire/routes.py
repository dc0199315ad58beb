"""Which handler answers which path. Filled by `mockwb.app`, called by aiohttp for each request.

aiohttp's low-level server leaves this choice to its user; its application class, which would make
it, costs as much per request as all limits and metrics together.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from aiohttp import hdrs, web

from mockwb.wire.errors import error_response
from mockwb.wire.exchange import Exchange, Handler

_PATH = web.RequestKey("path", Mapping[str, str])
_FIELD = re.compile(r"\{(\w+)(?::([^}]+))?\}")


def path_of(request: web.BaseRequest) -> Mapping[str, str]:
    """The fields of the path template that the request matched, percent-decoded."""
    return request[_PATH]


class Routes:
    """All paths of one server."""

    def __init__(self, exchange: Exchange) -> None:
        """Let `exchange` watch over every request."""
        self._exchange = exchange
        self._plain: dict[str, dict[str, Handler]] = {}
        self._templates: list[tuple[re.Pattern[str], dict[str, Handler]]] = []

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Serve `path` with `handler`; GET serves HEAD too, and `*` any method.

        In a template, `{name}` stands for a segment and `{name:regex}` for what the regex matches.
        The template added first wins.
        """
        if "{" not in path:
            self._plain.setdefault(path, {})[method] = handler
            return
        pattern = re.compile(_FIELD.sub(lambda m: f"(?P<{m[1]}>{m[2] or '[^/]+'})", path))
        for known, methods in self._templates:
            if known == pattern:
                methods[method] = handler
                return
        self._templates.append((pattern, {method: handler}))

    async def dispatch(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; 404 and 405 say what is wrong."""
        return await self._exchange.handle(request, self._handler(request))

    def _handler(self, request: web.BaseRequest) -> Handler:
        path = request.raw_path.partition("?")[0]
        allowed: set[str] = set()
        methods = self._plain.get(path)
        if methods is not None:
            handler = _of_method(methods, request.method)
            if handler is not None:
                return handler
            allowed |= methods.keys()
        for pattern, methods in self._templates:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            handler = _of_method(methods, request.method)
            if handler is not None:
                fields = match.groupdict()
                if "%" in path:
                    fields = {name: unquote(value) for name, value in fields.items()}
                request[_PATH] = fields
                return handler
            allowed |= methods.keys()
        return _refusal(path, allowed)


def _of_method(methods: dict[str, Handler], method: str) -> Handler | None:
    handler = methods.get(method) or methods.get(hdrs.METH_ANY)
    if handler is None and method == hdrs.METH_HEAD:
        return methods.get(hdrs.METH_GET)
    return handler


def _refusal(path: str, allowed: set[str]) -> Handler:
    async def refuse(request: web.BaseRequest) -> web.Response:
        if not allowed:
            return error_response(404, f"no such path: {request.method} {path}")
        methods = ", ".join(sorted(allowed))
        message = f"{path} does not take {request.method}, only {methods}"
        return error_response(405, message, {hdrs.ALLOW: methods})

    return refuse
