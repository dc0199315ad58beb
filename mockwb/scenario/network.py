"""What lies between clients and server in a simulation: the scenario's `simulate` section.

`simulate` draws from it; a real run has the machine's own network.
"""

from typing import Annotated

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
    sdk_start: Duration = Duration(1.5)
    """From a process's start to its SDK's first request, at the median; virtual clients need no
    such time."""
    sigma: Annotated[float, msgspec.Meta(ge=0, le=5)] = 0.3
    """How much all of these vary: standard deviation of the logarithm."""
