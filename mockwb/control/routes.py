"""Mockwb's own HTTP API as routes: checks each call and runs it. Called by `mockwb.app`."""

from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from mockwb.control.answers import RefusedCallError, error_answer, json_answer
from mockwb.control.call_reader import ReadBody, read_call
from mockwb.control.resource import Operation, Resource

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def add_control_routes(
    add_route: Callable[[str, str, Handler], object],
    resources: Sequence[Resource],
    read_body: ReadBody,
) -> None:
    """Serve `resources` through `add_route(method, path, handler)`.

    Wrong paths and methods below `/_mockwb/` are answered here too, with what would be right.
    """
    for resource in resources:
        add_route("*", resource.path, _Handler(resource, read_body).answer)
    add_route("*", "/_mockwb", _no_such_path)
    add_route("*", "/_mockwb/{rest:.*}", _no_such_path)


class _Handler:
    """Answers every call for one resource."""

    def __init__(self, resource: Resource, read_body: ReadBody) -> None:
        self._read_body = read_body
        self._operations = {operation.method: operation for operation in resource.operations}
        if "GET" in self._operations:
            self._operations["HEAD"] = self._operations["GET"]

    async def answer(self, request: web.BaseRequest) -> web.Response:
        operation = self._operations.get(request.method)
        if operation is None:
            return self._wrong_method(request)
        return await _run(operation, request, self._read_body)

    def _wrong_method(self, request: web.BaseRequest) -> web.Response:
        methods = ", ".join(self._operations)
        message = f"{request.path} does not take {request.method}, only {methods}"
        return error_answer(405, message, headers={"Allow": methods})


async def _run(operation: Operation, request: web.BaseRequest, read_body: ReadBody) -> web.Response:
    try:
        return json_answer(await operation.run(await read_call(request, operation, read_body)))
    except RefusedCallError as error:
        return error_answer(error.status, str(error))


async def _no_such_path(request: web.BaseRequest) -> web.Response:
    return error_answer(404, f"no such path: {request.path}; /_mockwb/ lists what there is")
