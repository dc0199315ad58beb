"""Routes whose requests are recorded and answered in JSON, known or not. Filled by `mockwb.app`."""

from aiohttp import hdrs, web

from mockwb.wire.errors import error_response
from mockwb.wire.exchange import Exchange, Handler


class Routes:
    """The routes of one application."""

    def __init__(self, app: web.Application, exchange: Exchange) -> None:
        """Add to `app`; let `exchange` watch over every handler."""
        self._router = app.router
        self._exchange = exchange

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Serve `path` (an aiohttp template) with `handler`; GET serves HEAD too."""
        watched = self._exchange.watched(handler)
        if method == hdrs.METH_GET:
            self._router.add_get(path, watched)
        else:
            self._router.add_route(method, path, watched)

    def close(self) -> None:
        """Answer everything else: 405 where another method would do, else 404. Call it last."""
        known = list(self._router.resources())

        async def refuse(request: web.Request) -> web.Response:
            allowed: set[str] = set()
            for resource in known:
                allowed |= (await resource.resolve(request))[1]
            if allowed:
                methods = ", ".join(sorted(allowed))
                message = f"{request.path} does not take {request.method}, only {methods}"
                return error_response(405, message, {hdrs.ALLOW: methods})
            return error_response(404, f"no such path: {request.method} {request.path}")

        self.add(hdrs.METH_ANY, "/{path:.*}", refuse)
