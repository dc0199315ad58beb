"""Which address a request comes from: the peer's, or what a trusted proxy says of it.

`exchange` asks once per request; limits per IP and onlookers go by the answer.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from aiohttp import hdrs, web

from mockwb.config.network import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:]+):\d+")
"""`[::1]:80` and `10.0.0.1:80`, as some load balancers write them."""


class ClientAddresses:
    """Reads addresses off requests."""

    def __init__(self, trusted_proxies: Sequence[Network]) -> None:
        """Believe the X-Forwarded-For of these peers, and of nobody else."""
        self._trusted = tuple(trusted_proxies)

    def of(self, request: web.BaseRequest) -> str:
        """The client's address; empty when unknown.

        Each proxy appends the address that it was called from, so the rightmost one that is no
        trusted proxy is the last that can be believed; whoever calls may write what he likes to
        the left of it. What is no address is ignored.
        """
        peer = request.remote or ""
        if not self._trusted or not self._trusts(_parse(peer)):
            return peer
        for address in _rightmost_first(request.headers.getall(hdrs.X_FORWARDED_FOR, ())):
            if not self._trusts(address):
                return str(address)
        return peer

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def _rightmost_first(headers: Sequence[str]) -> Iterable[Address]:
    for header in reversed(headers):
        for text in reversed(header.split(",")):
            address = _parse(text)
            if address is not None:
                yield address


def _parse(text: str) -> Address | None:
    """The address in `text`; an IPv4 one in IPv6 clothes is the IPv4 one."""
    text = text.strip()
    with_port = _WITH_PORT.fullmatch(text)
    if with_port is not None:
        text = with_port[1] or with_port[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped
