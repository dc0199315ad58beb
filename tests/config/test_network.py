"""Networks in configuration."""

import ipaddress

import pytest

from mockwb.config.load import load_config
from mockwb.config.network import Network
from mockwb.yaml_file import FileError


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("10.0.0.0/8", "10.1.2.3", "11.0.0.1"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
        ("fd00::/8", "fd12::1", "fe80::1"),
        ("::1", "::1", "127.0.0.1"),
    ],
)
def test_given_a_network_then_it_knows_its_addresses(text, inside, outside) -> None:
    (network,) = load_config(overlay={"trusted_proxies": [text]}).trusted_proxies
    assert ipaddress.ip_address(inside) in network
    assert ipaddress.ip_address(outside) not in network


def test_given_a_network_then_its_text_reads_back() -> None:
    network = Network.from_config("10.0.0.0/8")
    assert Network.from_config(network.to_config()) == network
    assert Network.from_config("::1") != network


@pytest.mark.parametrize("value", ["example.com", "10.0.0.1/8", "10.0.0.0/33", "", 10, None])
def test_given_anything_else_then_loading_names_key_and_value(value) -> None:
    with pytest.raises(FileError) as caught:
        load_config(overlay={"trusted_proxies": ["10.0.0.0/8", value]})
    assert "trusted_proxies[1]" in str(caught.value)
    assert f"such as 10.0.0.0/8, got {value!r}" in str(caught.value)
