"""What lies between clients and server in a simulation: the scenario's `simulate` section.

`simulate` draws from it; a real run has the machine's own network.
"""

import msgspec

from mockwb.units import Duration


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long requests are under way, and how long the server takes over them.

    The defaults are those of real SDKs and a server on one machine: medians that its journal and
    the SDKs' own logs agree on.
    """

    latency: Duration = Duration(0.001)
    """There and back, at the median."""
    server_time: Duration = Duration(0.0005)
    """From a request's last byte to the answer's first, at the median."""
    sigma: float = 0.4
    """How much both vary: standard deviation of the logarithm."""
