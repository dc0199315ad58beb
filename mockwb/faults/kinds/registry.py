"""All kinds of faults. A further one is a file here, and its class in this list."""

from typing import get_args

from mockwb.faults.kinds.bandwidth import Bandwidth
from mockwb.faults.kinds.clock_skew import ClockSkew
from mockwb.faults.kinds.corrupt import Corrupt
from mockwb.faults.kinds.graphql_error import GraphQLErrors
from mockwb.faults.kinds.kind import FaultKind
from mockwb.faults.kinds.latency import Latency
from mockwb.faults.kinds.ratelimit_headers import RateLimitHeaders
from mockwb.faults.kinds.refuse import Refuse
from mockwb.faults.kinds.reset import Reset
from mockwb.faults.kinds.stall import Silence
from mockwb.faults.kinds.status import Status
from mockwb.faults.kinds.stopped import Stopped
from mockwb.faults.kinds.truncate import Truncate

Kind = (
    Latency
    | Status
    | GraphQLErrors
    | Reset
    | Silence
    | Truncate
    | Corrupt
    | Bandwidth
    | RateLimitHeaders
    | Stopped
    | ClockSkew
    | Refuse
)

KINDS: dict[str, type[FaultKind]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(Kind)
}
"""By the name that rules call them."""


def kind_of(what: FaultKind) -> str:
    """The name of its kind."""
    return str(what.__struct_config__.tag)
