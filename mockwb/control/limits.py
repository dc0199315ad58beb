"""`GET /_mockwb/limits`: how full every window is."""

from collections.abc import Callable, Iterable

from aiohttp import web

from mockwb.control.answers import json_answer, unknown_parameter
from mockwb.target import WindowUsage


class LimitsResource:
    """Serves the usage of all windows that hold anything."""

    path = "/_mockwb/limits"

    def __init__(self, limit_usage: Callable[[], Iterable[WindowUsage]]) -> None:
        self._limit_usage = limit_usage

    async def get(self, request: web.BaseRequest) -> web.Response:
        """`{"windows": [...]}`, one entry per window."""
        refusal = unknown_parameter(request, ())
        if refusal is not None:
            return refusal
        return json_answer({"windows": [_entry(usage) for usage in self._limit_usage()]})


def _entry(usage: WindowUsage) -> dict[str, object]:
    return {
        "scope": usage.scope,
        "key": usage.key,
        "limit": usage.limit,
        "amount": usage.amount,
        "window_seconds": usage.window,
        "used": usage.used,
        "remaining": usage.remaining,
    }
