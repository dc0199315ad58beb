"""Mockwb's own HTTP API as routes: checks each call and runs it. Called by `mockwb.app`."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from mockwb.control.access import refusal
from mockwb.control.answers import RefusedCallError, error_answer, json_answer
from mockwb.control.call_reader import ReadBody, read_call
from mockwb.control.resource import Resource

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
AddRoute = Callable[[str, str, Handler], object]
"""Takes method, path and handler."""

_EVERYTHING = ("/_mockwb", "/_mockwb/{rest:.*}")


def add_control_routes(
    add_route: AddRoute, resources: Sequence[Resource], read_body: ReadBody, token: str | None
) -> None:
    """Serve `resources` to callers who send `token`, or to everybody if it is None.

    Wrong paths and methods below `/_mockwb/` are answered here too, with what would be right.
    """
    for resource in resources:
        _add(add_route, resource.path, _Handler(resource, read_body).answer, token)
    for path in _EVERYTHING:
        _add(add_route, path, _no_such_path, token)


def refuse_control_routes(add_route: AddRoute) -> None:
    """Say on every path that the control API is off."""
    for path in _EVERYTHING:
        add_route("*", path, _off)


def _add(add_route: AddRoute, path: str, answer: Handler, token: str | None) -> None:
    """The one place that lets anybody in."""

    async def guarded(request: web.BaseRequest) -> web.StreamResponse:
        refused = refusal(request, token)
        return await answer(request) if refused is None else refused

    add_route("*", path, guarded)


class _Handler:
    """Answers every call for one resource."""

    def __init__(self, resource: Resource, read_body: ReadBody) -> None:
        self._read_body = read_body
        self._operations = {operation.method: operation for operation in resource.operations}
        if "GET" in self._operations:
            self._operations["HEAD"] = self._operations["GET"]

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Run what the method asks for."""
        operation = self._operations.get(request.method)
        if operation is None:
            return self._wrong_method(request)
        try:
            call = await read_call(request, operation, self._read_body)
            return json_answer(await operation.run(call))
        except RefusedCallError as error:
            return error_answer(error.status, str(error))

    def _wrong_method(self, request: web.BaseRequest) -> web.Response:
        methods = ", ".join(self._operations)
        message = f"{request.path} does not take {request.method}, only {methods}"
        return error_answer(405, message, headers={"Allow": methods})


async def _no_such_path(request: web.BaseRequest) -> web.Response:
    return error_answer(404, f"no such path: {request.path}; /_mockwb/ lists what there is")


async def _off(request: web.BaseRequest) -> web.Response:
    return error_answer(404, f"{request.path}: the control API is off (control.enabled: false)")
