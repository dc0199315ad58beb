"""Networks as configuration writes them: `10.0.0.0/8`, `fd00::/8`, or one address."""

import ipaddress


class Network:
    """A range of IP addresses."""

    __slots__ = ("_range",)

    def __init__(self, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
        """Hold the addresses of `network`."""
        self._range = network

    @classmethod
    def from_config(cls, value: object) -> "Network":
        """Parse an address or a network; ValueError says what was expected."""
        if not isinstance(value, str):
            raise ValueError(f"expected an address or network such as 10.0.0.0/8, got {value!r}")
        try:
            return cls(ipaddress.ip_network(value.strip()))
        except ValueError as error:
            raise ValueError(
                f"expected an address or network such as 10.0.0.0/8, got {value!r} ({error})"
            ) from None

    def to_config(self) -> str:
        """The text that `from_config` reads."""
        return str(self._range)

    def __contains__(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        return address in self._range

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Network) and self._range == other._range

    def __hash__(self) -> int:
        return hash(self._range)

    def __repr__(self) -> str:
        return f"Network({self._range})"
