"""Which handler answers which path. Filled by `mockwb.app`, called by aiohttp for each request.

aiohttp's low-level server leaves this choice to its user; its application class, which would make
it, costs as much per request as all limits and metrics together.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import unquote

from aiohttp import hdrs, web

from mockwb.wire.errors import error_response
from mockwb.wire.exchange import Exchange, Handler

_PATH = web.RequestKey("path", Mapping[str, str])
_FIELD = re.compile(r"\{(\w+)(?::([^}]+))?\}")

Bind = Callable[[Mapping[str, str]], Handler]
"""From the fields of a path to the handler of its requests."""

_MOST_BOUND = 20_000
"""Paths that are known again; when there are more, all are forgotten."""


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
        self._binds: list[tuple[str, re.Pattern[str], Bind]] = []
        self._bound: dict[str, tuple[str, str, Handler]] = {}
        """Path -> (method, the path again, handler)."""

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Serve `path` with `handler`; GET serves HEAD too, and `*` any method.

        In a template, `{name}` stands for a segment and `{name:regex}` for what the regex matches.
        The template added first wins.
        """
        if "{" not in path:
            self._plain.setdefault(path, {})[method] = handler
            return
        pattern = _pattern(path)
        for known, methods in self._templates:
            if known == pattern:
                methods[method] = handler
                return
        self._templates.append((pattern, {method: handler}))

    def add_bound(self, method: str, template: str, bind: Bind) -> None:
        """As `add`, with handlers that `bind` makes; each is kept for more requests of its path.

        For paths that are called again and again. They go before those of `add`.
        """
        self._binds.append((method, _pattern(template), bind))

    def dispatch(self, request: web.BaseRequest) -> Awaitable[web.StreamResponse]:
        """Answer one request; 404 and 405 say what is wrong."""
        bound = self._bound.get(request.raw_path)
        if bound is not None and bound[0] == request.method:
            return self._exchange.handle(request, bound[2], bound[1])
        return self._exchange.handle(request, self._handler(request))

    def _handler(self, request: web.BaseRequest) -> Handler:
        path = request.raw_path.partition("?")[0]
        allowed: set[str] = set()
        methods = self._plain.get(path)
        if methods is not None:
            handler = _of_method(methods, request.method)
            if handler is not None:
                return handler
            allowed |= methods.keys()
        for method, pattern, bind in self._binds:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            if method == request.method:
                return self._bind(request, bind, _fields(match))
            allowed.add(method)
        for pattern, methods in self._templates:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            handler = _of_method(methods, request.method)
            if handler is not None:
                request[_PATH] = _fields(match)
                return handler
            allowed |= methods.keys()
        return _refusal(path, allowed)

    def _bind(self, request: web.BaseRequest, bind: Bind, fields: dict[str, str]) -> Handler:
        path, handler = request.raw_path, bind(fields)
        if "?" not in path:
            if len(self._bound) >= _MOST_BOUND:
                self._bound.clear()
            self._bound[path] = (request.method, path, handler)
        return handler


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(_FIELD.sub(lambda m: f"(?P<{m[1]}>{m[2] or '[^/]+'})", template))


def _fields(match: re.Match[str]) -> dict[str, str]:
    fields = match.groupdict()
    if "%" in match.string:
        return {name: unquote(value) for name, value in fields.items()}
    return fields


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
