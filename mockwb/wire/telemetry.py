"""POST /sdk/otel/...: the SDK's own telemetry. A 404 is the answer that makes it stop asking."""

from aiohttp import web

from mockwb.target import Surface, Target
from mockwb.wire.errors import error_response
from mockwb.wire.exchange import record_of


async def refuse_telemetry(request: web.BaseRequest) -> web.Response:
    """Say that there is nothing here."""
    record_of(request).target = Target(Surface.TELEMETRY)
    return error_response(404, "telemetry is not collected here")
