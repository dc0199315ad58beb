"""Which address counts as the client's."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from mockwb.config.network import Network
from mockwb.wire.client_address import ClientAddresses


def address(peer: str, *forwarded: str, trusted: tuple[str, ...] = ()) -> str:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    request = make_mocked_request("POST", "/graphql", headers).clone(remote=peer)
    return ClientAddresses([Network.from_config(text) for text in trusted]).of(request)


def test_given_no_trusted_proxy_then_nobody_is_believed() -> None:
    assert address("10.0.0.1", "192.0.2.1") == "10.0.0.1"
    assert address("10.0.0.1", "192.0.2.1", trusted=("10.0.0.2",)) == "10.0.0.1"


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (["192.0.2.1"], "192.0.2.1"),
        (["198.51.100.9, 192.0.2.1"], "192.0.2.1"),  # what the client wrote itself
        (["192.0.2.1, 10.3.4.5,10.0.0.7 "], "192.0.2.1"),
        (["198.51.100.9", "192.0.2.1", "10.3.4.5"], "192.0.2.1"),  # headers go on as a list
        (["192.0.2.1:4711"], "192.0.2.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:DB8:0::1"], "2001:db8::1"),
        (["192.0.2.1, unknown"], "192.0.2.1"),
        (["nonsense"], "10.0.0.1"),
        ([""], "10.0.0.1"),
        ([], "10.0.0.1"),
        (["10.9.9.9"], "10.0.0.1"),
    ],
)
def test_given_a_trusted_proxy_then_the_rightmost_other_address_is_the_client(
    forwarded, client
) -> None:
    assert address("10.0.0.1", *forwarded, trusted=("10.0.0.0/8",)) == client


def test_given_a_peer_in_ipv6_clothes_then_it_is_the_proxy_it_is() -> None:
    assert address("::ffff:10.0.0.1", "192.0.2.1", trusted=("10.0.0.0/8",)) == "192.0.2.1"
    assert address("fd00::1", "::ffff:192.0.2.1", trusted=("fd00::/8",)) == "192.0.2.1"
