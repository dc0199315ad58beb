"""`/metrics`, `/healthz` and `/readyz`, where tools expect them. Called by `mockwb.app`."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from aiohttp import hdrs, web

from mockwb.observe.metrics import Metrics
from mockwb.target import Surface
from mockwb.wire.exchange import Handler, record_of


def add_health_routes(
    add_route: Callable[[str, str, Handler], object],
    metrics: Metrics,
    *,
    ready: Callable[[], str | None],
    run_states: Callable[[], Awaitable[Mapping[str, int]]],
    verdicts: Callable[[], Awaitable[Mapping[str, int]]],
) -> None:
    """Serve the three through `add_route(method, path, handler)`.

    `ready` gives None while requests are welcome, else the reason why not; `run_states` counts
    the runs by state, and `verdicts` by the verdict on their delivery, at each scrape.
    """

    async def healthz(request: web.BaseRequest) -> web.Response:
        """200 as long as the loop turns."""
        _mark(request)
        return _json({"status": "ok"}, 200)

    async def readyz(request: web.BaseRequest) -> web.Response:
        """200 while serving; 503 with the reason before and after."""
        _mark(request)
        reason = ready()
        if reason is None:
            return _json({"status": "ready"}, 200)
        return _json({"status": "unavailable", "reason": reason}, 503)

    async def exposition(request: web.BaseRequest) -> web.Response:
        """The metrics, in the Prometheus format that the scraper asks for."""
        _mark(request)
        metrics.note_run_states(await run_states())
        metrics.note_verdicts(await verdicts())
        body, content_type = metrics.render(request.headers.get(hdrs.ACCEPT, ""))
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})

    add_route("GET", "/healthz", healthz)
    add_route("GET", "/readyz", readyz)
    add_route("GET", "/ready", readyz)  # where W&B's own server has it
    add_route("GET", "/metrics", exposition)


def _mark(request: web.BaseRequest) -> None:
    """Let onlookers tell probes and scrapes from clients."""
    record_of(request).target.surface = Surface.HEALTH


def _json(value: dict[str, str], status: int) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value), status=status, content_type="application/json"
    )
