"""Who may use the control API: anybody on this machine, or whoever knows the admin token.

`routes` asks for every call under `/_mockwb/`; `mockwb.server` asks before it listens.
"""

import asyncio
import errno
import hmac
import ipaddress
import socket

from aiohttp import hdrs, web

from mockwb.config.model import ServerConfig
from mockwb.control.answers import error_answer


class ExposedControlError(PermissionError):
    """The server would let everybody who reaches its address change it; `strerror` says so."""


async def refuse_exposure(config: ServerConfig) -> None:
    """ExposedControlError if others than this machine could use the control API without a token.

    OSError if the host has no address.
    """
    if not config.control.enabled or config.control.admin_token is not None:
        return
    for address in await _addresses(config.host, config.port):
        if not address.is_loopback:
            raise ExposedControlError(
                errno.EACCES,
                f"{config.host or 'every address'} is reachable from elsewhere, and the control "
                "API (/_mockwb/) would let anybody in; set --admin-token (control.admin_token), "
                "or turn it off with --no-control (control.enabled: false)",
            )


async def _addresses(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """What the server would bind."""
    if not host:
        return [ipaddress.IPv6Address("::")]
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    return [ipaddress.ip_address(address[0]) for *_, address in found]


def refusal(request: web.BaseRequest, token: str | None) -> web.Response | None:
    """The answer to a call without the token that it needs; None if it may pass."""
    if token is None:
        return None
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    known = scheme.lower() == "bearer" and hmac.compare_digest(
        given.strip().encode(errors="surrogateescape"), token.encode()
    )
    if known:
        return None
    message = "expected `Authorization: Bearer` with the admin token of this server"
    return error_answer(401, message, headers={hdrs.WWW_AUTHENTICATE: "Bearer"})
