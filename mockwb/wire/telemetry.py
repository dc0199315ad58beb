"""POST /sdk/otel/...: the SDK's own telemetry. Nothing of it is kept."""

from aiohttp import web

from mockwb.target import Surface, Target
from mockwb.wire.errors import error_response
from mockwb.wire.exchange import record_of


async def discard_telemetry(request: web.BaseRequest) -> web.Response:
    """Answer 404 to a probe, which makes the SDK stop asking.

    A probe has no body. Release 0.28.2 sends reports without one, and logs each that fails as an
    error; an empty answer is the protocol's for "all taken" (OTLP/HTTP).
    """
    record_of(request).target = Target(Surface.TELEMETRY)
    if request.body_exists:
        return web.Response(content_type="application/x-protobuf")
    return error_response(404, "telemetry is not collected here")
