"""Mockwb's own HTTP API as routes. Called by `mockwb.app`."""

from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from mockwb.control.account import AccountResource
from mockwb.control.answers import error_answer
from mockwb.control.index import IndexResource
from mockwb.control.limits import LimitsResource
from mockwb.observe.account import AccountKeeper
from mockwb.target import WindowUsage

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

_ELSEWHERE = {"metrics": "/metrics", "health": "/healthz", "readiness": "/readyz"}
"""Links out of this room, to where tools expect these."""


def add_control_routes(
    add_route: Callable[[str, str, Handler], object],
    *,
    accounts: AccountKeeper,
    limit_usage: Callable[[], Iterable[WindowUsage]],
    plan: str,
) -> None:
    """Serve everything under `/_mockwb/` through `add_route(method, path, handler)`.

    Wrong paths and methods below it are answered here too, with what would have been right.
    """
    account = AccountResource(accounts)
    limits = LimitsResource(limit_usage)
    index = IndexResource(plan, {"account": account.path, "limits": limits.path, **_ELSEWHERE})
    for resource in (index, account, limits):
        add_route("GET", resource.path, resource.get)
    paths = frozenset({index.path, account.path, limits.path})

    async def refuse(request: web.BaseRequest) -> web.Response:
        if request.path in paths:
            message = f"{request.path} does not take {request.method}, only GET"
            return error_answer(405, message, allow="GET, HEAD")
        return error_answer(404, f"no such path: {request.path}; {index.path} lists what there is")

    add_route("*", "/_mockwb", refuse)
    add_route("*", "/_mockwb/{rest:.*}", refuse)
